import { MARGIN } from '../../warming/policy-trial';

/** What was seen of what a change concerns, before it and after. */
export interface AdviceWindow {
  readonly calls: number;
  /** Picodollars in all, by the ledger or by the court. */
  readonly cost: bigint;
  /** Calls that failed by the function's or the platform's fault, and calls that came later than an SLA or found no instance. */
  readonly failures: number;
  readonly late: number;
}

/** `undecided`: there was too little to see. */
export interface AdviceVerdict {
  readonly decision: 'kept' | 'reverted' | 'undecided';
  /** One sentence with the figures that it rests on. */
  readonly reason: string;
}

/** A window with fewer calls says nothing. */
export const FEWEST_CALLS = 20;
/** A call may cost so much more: no two hours have the same calls. */
const PER_CALL_MARGIN = 0.05;
/** A share of failures or of late calls may rise by so much: less is chance. */
const WORSE_SHARE = 0.005;
/** So many standard deviations of a share are chance. */
const CHANCE = 2.5;

/**
 * Whether a change has kept its word: calls cost less than before, or as much within what is noise, and neither fail nor come late more
 * often. A change loses by either.
 * @param perCall false: both windows are the same calls, replayed, or a fixed price, so that totals are compared
 */
export function judgeAdvice(before: AdviceWindow, after: AdviceWindow, perCall = true): AdviceVerdict {
  if (perCall && (before.calls < FEWEST_CALLS || after.calls < FEWEST_CALLS)) {
    const fewer = Math.min(before.calls, after.calls);
    return { decision: 'undecided', reason: `${fewer} calls say nothing; ${FEWEST_CALLS} are the fewest` };
  }
  const worse = (['failures', 'late'] as const).find((what) => rose(before, after, what));
  if (worse) {
    const share = (window: AdviceWindow): string => `${((100 * window[worse]) / window.calls).toFixed(2)} %`;
    const words = worse === 'failures' ? 'failed' : 'came late';
    return { decision: 'reverted', reason: `${share(after)} of the calls ${words}, ${share(before)} did before` };
  }
  const [was, is] = perCall ? [each(before), each(after)] : [Number(before.cost), Number(after.cost)];
  const compared = perCall
    ? `a call costs ${dollars(is)}, it was ${dollars(was)}`
    : `it costs ${dollars(is)}, without it would be ${dollars(was)}`;
  return is > was * (1 + (perCall ? PER_CALL_MARGIN : MARGIN))
    ? { decision: 'reverted', reason: compared }
    : { decision: 'kept', reason: compared };
}

function rose(before: AdviceWindow, after: AdviceWindow, what: 'failures' | 'late'): boolean {
  if (before.calls === 0 || after.calls === 0) return false;
  const [was, is] = [before[what] / before.calls, after[what] / after.calls];
  const pooled = (before[what] + after[what]) / (before.calls + after.calls);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.calls + 1 / after.calls));
  return is - was > Math.max(WORSE_SHARE, CHANCE * deviation);
}

function each({ cost, calls }: AdviceWindow): number {
  return Number(cost) / calls;
}

function dollars(pico: number): string {
  return `${(pico / 1e12).toPrecision(4)} $`;
}
