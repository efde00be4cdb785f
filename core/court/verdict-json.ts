import type { PolicyVerdict } from './verdict';

/** A micro-dollar's, a GB·s's and a millisecond's millionth: what is smaller says nothing. */
const DECIMALS = 6;

/** Verdicts as JSON, the same bytes for the same verdicts: keys sorted, numbers with six decimals at most, a line break at the end. */
export function verdictJson(verdicts: readonly PolicyVerdict[]): string {
  return `${JSON.stringify(ordered({ policies: verdicts }), null, 1)}\n`;
}

function ordered(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toFixed(DECIMALS));
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}
