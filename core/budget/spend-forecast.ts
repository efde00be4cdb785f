import type { Period } from './period';
import { spendPattern, type PastSpend, type SpendPattern } from './spend-pattern';

const HOUR_MS = 3_600_000;
/** Hours by which the present is compared with the pattern. */
const RECENT = 3;
/** After so many hours a difference from the pattern has gone back to a third. */
const FADES_HOURS = 6;
/** The present is taken for at most this many times the pattern, or this part of it. */
const MOST_TIMES = 10;

export interface SpendFacts {
  readonly period: Period;
  /** Unix milliseconds. */
  readonly now: number;
  /** Of the period, so far. Amounts are picodollars. */
  readonly spent: bigint;
  readonly past: PastSpend;
  /** Since the past's last whole hour. */
  readonly sincePast: bigint;
}

export interface SpendForecast {
  /** Of all that will be spent by the period's end. */
  readonly total: bigint;
  /** Of what will be spent in the next hour. */
  readonly nextHour: bigint;
}

/**
 * What a budget's functions will have spent by its period's end: what is spent, exactly, and for each hour that is left what the
 * pattern of past days says, times how the last hours compare with it (which fades within hours). Without a past it goes on as it
 * does since the past's end. An estimate: it is made with floating-point numbers, and rounded once.
 */
export function forecastSpend(facts: SpendFacts): SpendForecast {
  const { period, now, spent, past, sincePast } = facts;
  const pattern = spendPattern(past);
  const elapsed = Math.max(0, now - past.until) / HOUR_MS;
  if (pattern === null) {
    // A few seconds say nothing of a month: what came is taken for what comes in a minute at least.
    const rate = Number(sincePast) / Math.max(elapsed, 1 / 60);
    const rest = (rate * Math.max(0, period.end - now)) / HOUR_MS;
    return { total: spent + whole(rest), nextHour: whole(rate) };
  }
  const { times, extra } = presentOf(facts, elapsed, pattern);
  const between = (from: number, to: number): number => {
    let amount = 0;
    for (let at = from; at < to;) {
      const hour = Math.floor((at - past.until) / HOUR_MS);
      const next = Math.min(to, past.until + (hour + 1) * HOUR_MS);
      const left = Math.exp(-((at + next) / 2 - now) / HOUR_MS / FADES_HOURS);
      amount += (pattern.at(hour) * (1 + (times - 1) * left) + extra * left) * ((next - at) / HOUR_MS);
      at = next;
    }
    return amount;
  };
  return { total: spent + whole(between(now, period.end)), nextHour: whole(between(now, now + HOUR_MS)) };
}

/** How the last hours compare with what the pattern says of them; where it knows of nothing then, what comes each hour all the same. */
function presentOf(
  { past: { hours }, sincePast }: SpendFacts,
  elapsed: number,
  pattern: SpendPattern,
): { readonly times: number; readonly extra: number } {
  const last = hours.slice(-RECENT);
  let usual = 0;
  for (let ahead = -last.length; ahead < 0; ahead++) usual += pattern.at(ahead);
  for (let ahead = 0; ahead < elapsed; ahead++) usual += pattern.at(ahead) * Math.min(1, elapsed - ahead);
  const actual = last.reduce((sum, amount) => sum + Number(amount), Number(sincePast));
  if (usual > 0) return { times: Math.min(MOST_TIMES, Math.max(1 / MOST_TIMES, actual / usual)), extra: 0 };
  return { times: 1, extra: actual / Math.max(last.length + elapsed, 1 / 60) };
}

function whole(amount: number): bigint {
  return BigInt(Math.round(Math.max(0, amount)));
}
