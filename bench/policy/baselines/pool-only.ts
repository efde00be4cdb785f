import { fixed } from '../../../core/warming/policies/fixed';
import { seed } from '../../../core/warming/policies/seed';
import type { WarmingPolicy } from '../../../core/warming/warming-policy';

const KEPT_SECONDS = 60;

/** The pool formula of the project's founding document alone: what it does not ask for ends a minute after its last use. */
export function poolOnly(): WarmingPolicy {
  const [pools, rests] = [seed(), fixed(KEPT_SECONDS)];
  return {
    name: 'pool-only',
    of: (fn) => {
      const formula = pools.of(fn);
      return { ...rests.of(fn), pool: (forecast) => formula.pool?.(forecast) ?? 0 };
    },
  };
}
