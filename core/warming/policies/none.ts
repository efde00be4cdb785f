import type { WarmingPolicy } from '../warming-policy';

/** Keeps nothing. */
export const none: WarmingPolicy = {
  name: 'none',
  of: () => ({ slot: () => ({ release: () => [], use: () => undefined }) }),
};
