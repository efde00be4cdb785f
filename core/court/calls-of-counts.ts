import { seededRandom } from '../random/seeded-random';
import type { CourtCalls } from './court-case';

/** A function of which only counts are known. */
export interface CountedFunction {
  /** Calls in each minute, whole numbers from 0. */
  readonly counts: ArrayLike<number>;
  /** Median milliseconds of a call, and the spread of their logarithm (0: all alike). */
  readonly executeMs: number;
  readonly executeSigma: number;
}

const MINUTE_MS = 60_000;
/** No call takes longer. */
const LONGEST_MS = 600_000;
const SEED_STRIDE = 0x9e3779b1;

/**
 * Calls laid out from counts: a minute's only call comes at the same second of each minute, several at random ones, each takes
 * a lognormal time. Equal input gives equal calls, and a function's do not depend on the others.
 */
export function callsOfCounts(functions: readonly CountedFunction[], seed: number): CourtCalls {
  const moments: number[] = [];
  const times: number[] = [];
  const owners: number[] = [];
  functions.forEach(({ counts, executeMs, executeSigma }, index) => {
    const random = seededRandom(Math.imul(index + 1, SEED_STRIDE) ^ seed);
    const second = random() * MINUTE_MS;
    const add = (at: number): void => {
      moments.push(at);
      times.push(Math.min(LONGEST_MS, executeMs * Math.exp(executeSigma * normal(random))));
      owners.push(index);
    };
    for (let minute = 0; minute < counts.length; minute++) {
      const count = counts[minute] as number;
      if (count === 1) add(minute * MINUTE_MS + second);
      else for (let call = 0; call < count; call++) add((minute + random()) * MINUTE_MS);
    }
  });
  const order = Uint32Array.from(moments.keys());
  order.sort((a, b) => (moments[a] as number) - (moments[b] as number) || a - b);
  return {
    functions: Uint32Array.from(order, (call) => owners[call] as number),
    at: Float64Array.from(order, (call) => moments[call] as number),
    executeMs: Float64Array.from(order, (call) => times[call] as number),
    cpuMs: null,
    measured: null,
  };
}

/** Standard normal, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
