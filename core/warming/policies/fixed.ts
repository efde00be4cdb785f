import { warmRung, type WarmingPolicy } from '../warming-policy';

/** Keeps every instance for the same time after its last use. @param seconds of it, from 0; may be Infinity */
export function fixed(seconds: number, name = `fixed:${seconds}s`): WarmingPolicy {
  return {
    name,
    of: (fn) => {
      const holds = seconds > 0 ? [{ from: 0, to: seconds, rung: warmRung(fn).name }] : [];
      return { slot: () => ({ release: () => holds, use: () => undefined }) };
    },
  };
}
