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
  readonly counts: ArrayLike<number>;
  /** Slot k is in use while more than k calls run. */
  readonly slots: readonly SlotRests[];
  /** When calls came, rising. */
  readonly calls: Float64Array;
}

/** A call from nothing is worth so much, in GB·s: the one knob of priced policies. Rests are held running, or not at all. */
export function pricedPerStart(fn: SlotFunction, gbSecondsPerStart: number): WarmFunction {
  return {
    ...warmFunction(fn),
    rungs: [
      { name: 'running', holding: fn.memoryGb, delaySeconds: 0, delayPrice: 0 },
      { name: 'nothing', holding: 0, delaySeconds: fn.coldSeconds, delayPrice: gbSecondsPerStart },
    ],
  };
}

/** Without rungs. One call for each instance, and as many instances as are wanted. */
export function warmFunction(fn: SlotFunction): Omit<WarmFunction, 'rungs'> {
  const { id, memoryGb, executeSeconds } = fn;
  return { id, memoryGb, executeSeconds, concurrency: 1, min: 0, max: 512 };
}
