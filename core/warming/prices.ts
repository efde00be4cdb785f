import { LIST_RESOURCE_PRICES, type ResourcePrices } from '../cost/resource-prices';
import type { Rung } from './warming-policy';

/** What warmth costs, and what it saves, in micro-dollars. */
export interface WarmingPrices {
  /** Of a gigabyte of memory that is held for a second. */
  readonly gbSecond: number;
  /** Of a second that a caller waits for a start. */
  readonly waitSecond: number;
  /** Of a second that an instance rests without being frozen, beside its memory: timers and collectors take some CPU. */
  readonly runningSecond: number;
  /** Of a gigabyte that lies in the image store for a second. */
  readonly storedGbSecond: number;
}

/** Part of a core that an instance at rest uses. */
const RESTING_CORES = 1 / 50;

/** What warmth costs where resources cost so much. */
export function warmingPricesOf({ gbSecond, coreSecond, storedGbSecond, waitSecond }: ResourcePrices): WarmingPrices {
  return { gbSecond, waitSecond, runningSecond: coreSecond * RESTING_CORES, storedGbSecond };
}

export const DEFAULT_PRICES = warmingPricesOf(LIST_RESOURCE_PRICES);

/** Seconds from each state to an instance that serves. */
export interface StartSeconds {
  readonly warm: number;
  readonly restore: number;
  readonly cold: number;
}

/**
 * The rungs that a node can keep an instance on, priced. A checkpoint is kept whatever a policy says, so that it is no rung to
 * pay for: where there is one it is what the last rung starts from.
 * @param fn memory of one instance in GB; whether there is a checkpoint to restore
 */
export function rungsOf(
  fn: { readonly memoryGb: number; readonly hasCheckpoint: boolean },
  prices: WarmingPrices,
  seconds: StartSeconds,
): readonly Rung[] {
  const memory = fn.memoryGb * prices.gbSecond;
  const delay = (delaySeconds: number): Pick<Rung, 'delaySeconds' | 'delayPrice'> => ({
    delaySeconds,
    delayPrice: delaySeconds * prices.waitSecond,
  });
  // Each rung must be slower than the one above, whatever was measured of late.
  const restore = Math.max(seconds.warm, seconds.restore);
  const cold = Math.max(seconds.warm, seconds.cold);
  const last: Rung = fn.hasCheckpoint
    ? { name: 'local', holding: 0, ...delay(restore) }
    : { name: 'nothing', holding: 0, ...delay(cold) };
  return [
    { name: 'running', holding: memory + prices.runningSecond, ...delay(0) },
    { name: 'frozen', holding: memory, ...delay(seconds.warm) },
    last,
  ];
}
