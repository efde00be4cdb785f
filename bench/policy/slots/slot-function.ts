import type { WarmFunction } from '../../../core/warming/warming-policy';

/** The rests of one slot: the i-th goes from `from[i]` (−1: never used before) to `to[i]` (Infinity: never again), in seconds. */
export interface SlotRests {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** A function of a trace as the slot model sees it, without prices. */
export interface SlotFunction {
  readonly id: string;
  readonly pattern: string;
  readonly memoryGb: number;
  /** Of a start from nothing. */
  readonly coldSeconds: number;
  readonly executeSeconds: number;
  /** Calls in each minute. */
  readonly counts: Float64Array;
  /** Slot k is in use while more than k calls run. */
  readonly slots: readonly SlotRests[];
}

/** What the rests of a function's first slot cost, and those of its further ones. Prices are in GB·s of memory. */
export interface PricedFunction {
  readonly first: WarmFunction;
  readonly further: WarmFunction;
}

/** A call from nothing is worth so much, in GB·s: the one knob of priced policies. Rests are held running, or not at all. */
export function pricedPerStart(fn: SlotFunction, gbSecondsPerStart: number): PricedFunction {
  const first: WarmFunction = {
    ...warmFunction(fn),
    rungs: [
      { name: 'running', holding: fn.memoryGb, delaySeconds: 0, delayPrice: 0 },
      { name: 'nothing', holding: 0, delaySeconds: fn.coldSeconds, delayPrice: gbSecondsPerStart },
    ],
  };
  return { first, further: first };
}

/** Without rungs. One call for each instance, and as many instances as are wanted. */
export function warmFunction(fn: SlotFunction): Omit<WarmFunction, 'rungs'> {
  const { id, memoryGb, executeSeconds } = fn;
  return { id, memoryGb, executeSeconds, concurrency: 1, min: 0, max: 512 };
}
