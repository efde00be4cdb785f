import { SHORT_KEEP_ALIVE_MS } from '../budget/function-spend';
import type { Restraint } from '../budget/restraint';
import type { FunctionTarget } from './function-target';

/** What budgets may hold back of a target. */
export type HeldBack = Pick<Restraint, 'noPredictiveWarmth' | 'shortKeepAlive' | 'holdNothing'>;

const SHORT_KEEP_ALIVE_SECONDS = SHORT_KEEP_ALIVE_MS / 1000;

/**
 * A target without what a budget that runs out does not pay for: what is held because calls are expected, and long rests. What was
 * declared (`floor`) stays, and so does, for the rest it is given, what was just used; unless there is no money for calls, which
 * would be all that it is held for.
 */
export function restrainTarget(
  target: FunctionTarget,
  floor: number,
  { noPredictiveWarmth, shortKeepAlive, holdNothing }: HeldBack,
): FunctionTarget {
  if (holdNothing) return { ...target, pool: 0, keepAlive: [0], steps: [{ after: 0, running: 0, frozen: 0 }] };
  if (!noPredictiveWarmth && !shortKeepAlive) return target;
  const pool = noPredictiveWarmth ? 0 : target.pool;
  const keepAlive = shortKeepAlive
    ? target.keepAlive.map((seconds) => Math.min(seconds, SHORT_KEEP_ALIVE_SECONDS))
    : target.keepAlive;
  return { ...target, pool, keepAlive, steps: [{ after: 0, running: 0, frozen: Math.max(floor, pool) }] };
}
