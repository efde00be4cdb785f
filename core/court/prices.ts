import type { Rung, WarmFunction } from '../warming/warming-policy';

/** What warmth costs and what it saves, in micro-dollars. */
export interface CourtPrices {
  /** Of a gigabyte of memory that is held for a second. */
  readonly gbSecond: number;
  /** Of a second that an instance rests without being frozen, beside its memory: timers and collectors take some CPU. */
  readonly runningSecond: number;
  /** Of a gigabyte that lies in the image store for a second. */
  readonly storedGbSecond: number;
  /** Of a second that a caller waits for an instance. */
  readonly waitSecond: number;
}

/**
 * Memory, CPU (a fiftieth of a core for an instance that rests) and storage as public clouds sell them: 16.67 dollars a
 * million GB·s, 28 a million core-seconds, 0.023 a GB and month. A wait of a second is worth a cent.
 */
export const DEFAULT_COURT_PRICES: CourtPrices = {
  gbSecond: 16.67,
  runningSecond: 0.56,
  storedGbSecond: 0.00875,
  waitSecond: 10_000,
};

/** A checkpoint's sizes, in GB. */
export interface CheckpointSize {
  /** As restores map it: it lies in the node's memory. */
  readonly rawGb: number;
  /** Compressed and sealed, in the image store. */
  readonly sealedGb: number;
}

/** Seconds from each state to an instance that serves, as measured. */
export interface RungSeconds {
  readonly warm: number;
  /** From an image that lies on the node, and from one that must be fetched first. */
  readonly local: number;
  readonly remote: number;
  readonly cold: number;
}

/**
 * All rungs of a function, priced, for its first instance (`rungs`) and for those beside it (`furtherRungs`): a checkpoint is
 * paid for once, and whoever starts another instance finds it for nothing.
 * @param fn memory of one instance in GB; whether its node can freeze; its checkpoint, if it has one
 */
export function rungsOf(
  fn: { readonly memoryGb: number; readonly canFreeze: boolean; readonly checkpoint: CheckpointSize | null },
  prices: CourtPrices,
  seconds: RungSeconds,
): Pick<WarmFunction, 'rungs' | 'furtherRungs'> {
  const { memoryGb, canFreeze, checkpoint } = fn;
  const memory = memoryGb * prices.gbSecond;
  const rungs: Rung[] = [];
  /** Never faster than the rung before and never dearer, whatever was measured. */
  const add = (name: Rung['name'], holding: number, delaySeconds: number): void => {
    const last = rungs.at(-1);
    const delay = Math.max(last?.delaySeconds ?? 0, delaySeconds);
    rungs.push({
      name,
      holding: Math.min(last?.holding ?? Infinity, holding),
      delaySeconds: delay,
      delayPrice: delay * prices.waitSecond,
    });
  };
  add('running', memory + (canFreeze ? prices.runningSecond : 0), 0);
  if (canFreeze) add('frozen', memory, seconds.warm);
  if (!checkpoint) {
    add('nothing', 0, seconds.cold);
    return { rungs };
  }
  const furtherRungs: Rung[] = [
    ...rungs,
    { name: 'local', holding: 0, delaySeconds: seconds.local, delayPrice: seconds.local * prices.waitSecond },
  ];
  const stored = checkpoint.sealedGb * prices.storedGbSecond;
  add('local', checkpoint.rawGb * prices.gbSecond + stored, seconds.local);
  add('remote', stored, seconds.remote);
  add('nothing', 0, seconds.cold);
  return { rungs, furtherRungs };
}
