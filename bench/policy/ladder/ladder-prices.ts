import type { Rung, WarmFunction } from '../../../core/warming/warming-policy';
import { warmFunction, type PricedFunction, type SlotFunction } from '../slots/slot-function';

/** Rungs between running and nothing: how fast they are and what they cost, in shares of the price of an instance's memory. */
export interface Ladder {
  readonly warmSeconds: number;
  readonly restoreSeconds: number;
  /** Of a function's image, which is stored once. */
  readonly imageShare: number;
  /** Of the pages of an instance that are not the image's. */
  readonly ownShare: number;
}

/**
 * What an instance that rests unfrozen costs beside its memory, in GB: 0.05 of a core at the price of public clouds
 * (16.67 millionths of a dollar for a GB·s, 11.2 for a core's second), which buys 0.034 GB.
 */
const RUNNING_GB = (0.05 * 11.2) / 16.67;

/**
 * A second that a call waits is worth so much, in GB·s. The first slot of a function pays for its image as long as it is on any
 * rung but the last; further slots find it there. Without a ladder there are running and nothing.
 */
export function pricedPerSecond(fn: SlotFunction, gbSecondsPerSecond: number, ladder: Ladder | null): PricedFunction {
  const { memoryGb, coldSeconds } = fn;
  const rung = (name: Rung['name'], holding: number, delaySeconds: number): Rung => ({
    name,
    holding,
    delaySeconds,
    delayPrice: delaySeconds * gbSecondsPerSecond,
  });
  const warm = (rungs: readonly Rung[]): WarmFunction => ({ ...warmFunction(fn), rungs });
  const nothing = rung('nothing', 0, coldSeconds);
  if (!ladder) {
    const first = warm([rung('running', memoryGb + RUNNING_GB, 0), nothing]);
    return { first, further: first };
  }
  const { warmSeconds, restoreSeconds, imageShare, ownShare } = ladder;
  const readyWith = (image: number): Rung[] => {
    const frozen = image + ownShare * memoryGb;
    return [rung('running', frozen + RUNNING_GB, 0), rung('frozen', frozen, warmSeconds)];
  };
  const image = imageShare * memoryGb;
  // A start from nothing may be faster than a restore: then there is no use in an image.
  const restore = Math.min(restoreSeconds, coldSeconds);
  return {
    first: warm([...readyWith(image), rung('local', image, restore), nothing]),
    further: warm([...readyWith(0), rung('local', 0, restore)]),
  };
}
