import type { AdviceView, LedgerLineView, StatementView } from '../../lib/answers';

const PICO_PER_MICRO = 1_000_000n;
const MINUTE_MS = 60_000;

/** A component's share of what was charged. */
export interface ChargeShare {
  readonly component: string;
  readonly quantity: number;
  readonly unit: string;
  readonly picoDollars: string;
  /** 0 to 1. */
  readonly share: number;
}

/** Micro-dollars for a chart. */
function micro(picoDollars: string): number {
  const pico = BigInt(picoDollars);
  return Number(pico / PICO_PER_MICRO) + Number(pico % PICO_PER_MICRO) / Number(PICO_PER_MICRO);
}

/** Micro-dollars charged in each minute from `from` up to `to` (Unix milliseconds); 0 where nothing was. */
export function chargedByMinute(
  lines: readonly LedgerLineView[],
  from: number,
  to: number,
): { readonly times: number[]; readonly values: number[] } {
  const first = Math.floor(from / MINUTE_MS);
  const values = new Array<number>(Math.max(0, Math.ceil(to / MINUTE_MS) - first)).fill(0);
  for (const { time, picoDollars } of lines) {
    const place = Math.floor(Date.parse(time) / MINUTE_MS) - first;
    if (place in values) values[place] = (values[place] ?? 0) + micro(picoDollars);
  }
  return { times: values.map((_, i) => (first + i) * MINUTE_MS), values };
}

/** What a function has cost this month, part by part, the dearest first, and its share of the tenant's bill (0 to 1). */
export function statementShare(
  statement: StatementView,
  name: string,
): { readonly picoDollars: string; readonly share: number; readonly parts: readonly ChargeShare[] } {
  // One that was deleted and made anew is charged under both its ids.
  const own = statement.functions.filter((row) => row.function === name);
  const total = own.reduce((sum, row) => sum + BigInt(row.picoDollars), 0n);
  const parts = new Map<string, { unit: string; quantity: number; amount: bigint }>();
  for (const { component, unit, quantity, picoDollars } of own.flatMap((row) => row.parts)) {
    const before = parts.get(component) ?? { unit, quantity: 0, amount: 0n };
    parts.set(component, { unit, quantity: before.quantity + quantity, amount: before.amount + BigInt(picoDollars) });
  }
  return {
    picoDollars: String(total),
    share: ratio(total, BigInt(statement.picoDollars)),
    parts: [...parts]
      .sort(([, a], [, b]) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0))
      .map(([component, { unit, quantity, amount }]) => ({
        ...{ component, quantity, unit, picoDollars: String(amount), share: ratio(amount, total) },
      })),
  };
}

function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000n) / whole) / 1e6;
}

/** Recommendations that concern a function. */
export function adviceOf(items: readonly AdviceView[], name: string): AdviceView[] {
  return items.filter((advice) => advice.function === name);
}
