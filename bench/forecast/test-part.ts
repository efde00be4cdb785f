import { naiveError } from '../../core/forecast/accuracy';
import { spikeBarAt } from '../../core/forecast/spikes';
import type { TracedFunction } from '../traces/trace-set';

/** Minutes that each forecast looks ahead, and from one origin to the next. */
export const STEPS = 10;
const TEST_MINUTES = 2_880;
/** A trace of less than so many minutes is tested on its last third. */
const LONG_ENOUGH = 7_200;
/** With less in front of it nothing can be learned, not even what an hour ago was. */
const LEAST_TRAINING = 120;
const DAY = 1_440;

/** What forecasts are held against: function by function, in it origin by origin, in it step by step. */
export interface TestPart {
  readonly functions: readonly TracedFunction[];
  /** The first minute that no training sees. */
  readonly trainEnd: number;
  /** First minutes that are forecast, every ten minutes. */
  readonly origins: readonly number[];
  /** Functions × origins × steps. */
  readonly actual: Float64Array;
  /** What is a spike is above it; functions × origins. */
  readonly bars: Float64Array;
  /** Mean change from minute to minute on the day before the test part, for MASE. */
  readonly scales: Float64Array;
}

/** Minutes at the end of a trace of so many that are its test part: two days, or a third of less than five. */
export function testMinutesOf(length: number): number {
  return length >= LONG_ENOUGH ? TEST_MINUTES : Math.floor(length / 3 / STEPS) * STEPS;
}

/**
 * The test part of functions with counts of the same minutes.
 * @throws RangeError when there is too little of them
 */
export function testPartOf(functions: readonly TracedFunction[]): TestPart {
  const length = functions[0]?.counts.length ?? 0;
  const tested = testMinutesOf(length);
  const trainEnd = length - tested;
  if (tested < STEPS || trainEnd < LEAST_TRAINING) {
    throw new RangeError(`${length} minutes are too few to learn from and to test on: give three hours at least`);
  }
  const origins = Array.from({ length: tested / STEPS }, (_, index) => trainEnd + index * STEPS);
  const actual = new Float64Array(functions.length * tested);
  const bars = new Float64Array(functions.length * origins.length);
  functions.forEach(({ counts }, index) => {
    actual.set(counts.subarray(trainEnd), index * tested);
    origins.forEach((origin, at) => {
      bars[index * origins.length + at] = spikeBarAt(counts, origin);
    });
  });
  const scales = Float64Array.from(functions, ({ counts }) =>
    naiveError(counts.subarray(Math.max(0, trainEnd - DAY), trainEnd)),
  );
  return { functions, trainEnd, origins, actual, bars, scales };
}
