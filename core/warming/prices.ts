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

/**
 * Memory, CPU (a fiftieth of a core for an instance that rests) and storage as public clouds sell them: 16.67 dollars a million
 * GB·s, 28 a million core-seconds, 0.023 a GB and month. A wait of a second is worth a cent.
 */
export const DEFAULT_PRICES: WarmingPrices = {
  gbSecond: 16.67,
  waitSecond: 10_000,
  runningSecond: 0.56,
  storedGbSecond: 0.00875,
};

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
