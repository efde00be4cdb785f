import { FunctionTracker } from './function-tracker';
import { holdAfter, type RungName, type WarmFunction, type WarmingPolicy } from './warming-policy';

/** A call, in seconds: when it came, and when its place was free again. */
export interface PastCall {
  readonly at: number;
  readonly end: number;
}

/** What a rung would have cost, and what it would have left to wait for. Prices in the unit of the function's rungs. */
export interface RungExplained {
  readonly rung: RungName;
  /** Seconds that the call would have waited. */
  readonly delaySeconds: number;
  /** Of holding it through the whole rest. */
  readonly price: number;
}

/** What a policy would have done. */
export interface PolicyExplained {
  readonly policy: string;
  /** On which the call would have found its instance. */
  readonly rung: RungName;
  /** Of what it would have held during the rest. */
  readonly price: number;
}

/** Why a call found no better instance than it did, and what a better one would have cost. */
export interface StartExplained {
  /** Instances that were in use when it came. */
  readonly busy: number;
  /** Seconds that the instance it would have taken had rested; null where all that had ever run at once were in use. */
  readonly restSeconds: number | null;
  /** Every rung that is not the last, the readiest first; of a minute of one more instance where `restSeconds` is null. */
  readonly rungs: readonly RungExplained[];
  readonly policies: readonly PolicyExplained[];
}

const MINUTE = 60;

/**
 * Lays the calls before one at `at` out over slots, and says how long the slot it takes had rested.
 * @param past in the order of their arrival; those after `at` are left out
 * @param policies at least one
 */
export function explainStart(
  fn: WarmFunction,
  past: readonly PastCall[],
  at: number,
  policies: readonly WarmingPolicy[],
): StartExplained {
  const before = past.filter((call) => call.at < at);
  let busy = 0;
  for (const { end } of before) if (end > at) busy++;
  let restSeconds: number | null = null;
  const explained = policies.map((policy) => {
    const tracker = new FunctionTracker(fn, policy.of(fn));
    for (const call of before) tracker.call(call.at, call.end);
    const view = tracker.slotFor(at);
    const last = fn.rungs.at(-1)?.name ?? 'nothing';
    if (!view) return { policy: policy.name, rung: last, price: 0 };
    const rest = Math.max(0, at - view.restsSince);
    restSeconds = rest;
    let price = 0;
    for (const { from, to, rung } of view.holds) {
      const holding = fn.rungs.find(({ name }) => name === rung)?.holding ?? 0;
      price += holding * Math.max(0, Math.min(to, rest) - from);
    }
    return { policy: policy.name, rung: holdAfter(view.holds, rest)?.rung ?? last, price };
  });
  const rungs = fn.rungs.slice(0, -1).map(({ name, holding, delaySeconds }) => ({
    rung: name,
    delaySeconds,
    price: holding * (restSeconds ?? MINUTE),
  }));
  return { busy: Math.ceil(busy / fn.concurrency), restSeconds, rungs, policies: explained };
}
