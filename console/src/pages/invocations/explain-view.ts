import { timeSlices, type TimeSlice } from '../../../../core/start/start-story';
import type { InvocationCostView, InvocationView, StartExplanationView } from '../../lib/answers';
import { ms } from '../../lib/format';

/** A stretch of an invocation's time. */
interface PhaseRow extends TimeSlice {
  /** Of the whole, 0 to 1. */
  readonly share: number;
}

/** Every stretch, in order, and their sum: it is the total, since what no phase accounts for has a row of its own. */
export function phaseRows(invocation: InvocationView): { readonly rows: PhaseRow[]; readonly sumMs: number } {
  const { totalMs } = invocation;
  const rows = timeSlices(invocation).map((slice) => ({ ...slice, share: totalMs === 0 ? 0 : slice.ms / totalMs }));
  return { rows, sumMs: rows.reduce((sum, row) => sum + row.ms, 0) };
}

/** Parts that cost something, the dearest first, and whether all parts sum to the whole to the last picodollar. */
export function priceRows({ parts, picoDollars }: InvocationCostView): {
  readonly rows: { readonly component: string; readonly quantity: string; readonly picoDollars: string }[];
  readonly exact: boolean;
} {
  const rows = parts
    .filter((part) => part.picoDollars > 0)
    .sort((a, b) => b.picoDollars - a.picoDollars)
    .map(({ component, quantity, unit, picoDollars: pico }) => ({
      ...{ component, quantity: `${Number(quantity.toPrecision(3))} ${unit}`, picoDollars: String(pico) },
    }));
  return { rows, exact: parts.reduce((sum, part) => sum + part.picoDollars, 0) === picoDollars };
}

/** In a sentence what a better instance would have had to outlast; empty where the call needs no excuse. */
export function restText({ waitedMs, busy, restedSeconds, rungs }: StartExplanationView): string {
  if (rungs.length === 0) return '';
  const wait = `It waited ${ms(waitedMs)} for its instance.`;
  if (restedSeconds !== null) return `${wait} That instance had rested for ${ms(restedSeconds * 1000)}:`;
  const need = busy === 0 ? 'none had ever been used' : `${busy} ${busy === 1 ? 'was' : 'were'} in use`;
  return `${wait} It needed one more instance than there had been (${need}); for each minute of one:`;
}
