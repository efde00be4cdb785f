import type { WarmingPrices } from './prices';
import type { Rung, WarmFunction } from './warming-policy';

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
 * All rungs of a function where a checkpoint's place is a choice too (on the node, in the store), priced, for its first instance (`rungs`) and for those beside it (`furtherRungs`): a checkpoint is
 * paid for once, and whoever starts another instance finds it for nothing.
 * @param fn memory of one instance in GB; whether its node can freeze; its checkpoint, if it has one
 */
export function rungsWithImages(
  fn: { readonly memoryGb: number; readonly canFreeze: boolean; readonly checkpoint: CheckpointSize | null },
  prices: WarmingPrices,
  seconds: RungSeconds,
): Pick<WarmFunction, 'rungs' | 'furtherRungs'> {
  const { memoryGb, canFreeze, checkpoint } = fn;
  const memory = memoryGb * prices.gbSecond;
  /** Never faster than the rung before and never dearer, whatever was measured. */
  const below = (above: readonly Rung[], name: Rung['name'], price: number, delay: number): Rung[] => {
    const last = above.at(-1);
    const delaySeconds = Math.max(last?.delaySeconds ?? 0, delay);
    const holding = Math.min(last?.holding ?? Infinity, price);
    return [...above, { name, holding, delaySeconds, delayPrice: delaySeconds * prices.waitSecond }];
  };
  const running = below([], 'running', memory + (canFreeze ? prices.runningSecond : 0), 0);
  const resting = canFreeze ? below(running, 'frozen', memory, seconds.warm) : running;
  if (!checkpoint) return { rungs: below(resting, 'nothing', 0, seconds.cold) };
  const stored = checkpoint.sealedGb * prices.storedGbSecond;
  const local = below(resting, 'local', checkpoint.rawGb * prices.gbSecond + stored, seconds.local);
  return {
    rungs: below(below(local, 'remote', stored, seconds.remote), 'nothing', 0, seconds.cold),
    furtherRungs: below(resting, 'local', 0, seconds.local),
  };
}
