import { warmRung, type WarmingPolicy } from '../warming-policy';

/** When a slot of a function is used next after a moment, in seconds; Infinity: never again. */
export type Future = (functionId: string, slot: number, after: number) => number;

/**
 * Knows the future: what no policy can beat. `keep` holds an instance exactly where its whole rest is cheaper than a start
 * from nothing; `start` begins one just in time for each call instead, where that is cheaper still.
 */
export function oracle(future: Future, how: 'keep' | 'start'): WarmingPolicy {
  return {
    name: how === 'keep' ? 'oracle' : 'oracle:start',
    of: (fn) => {
      const { name: rung, holding: held } = warmRung(fn);
      const last = fn.rungs.at(-1);
      return {
        slot: (index) => ({
          release: (at) => {
            const rest = future(fn.id, index, at) - at;
            const startSeconds = last?.delaySeconds ?? 0;
            if (how === 'start' && rest > startSeconds && Number.isFinite(rest)) {
              return held * startSeconds < (last?.delayPrice ?? 0)
                ? [{ from: Math.max(0, rest - startSeconds), to: rest, rung }]
                : [];
            }
            return rest * held < (last?.delayPrice ?? 0) ? [{ from: 0, to: rest, rung }] : [];
          },
          use: () => undefined,
        }),
      };
    },
  };
}
