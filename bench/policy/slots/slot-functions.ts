import { seededRandom } from '../../../core/random/seeded-random';
import type { ExecutionProfile } from '../../traces/trace-set';
import type { RequestTimes } from '../traces/request-times';
import { sharedNumbers } from './shared-numbers';
import type { SlotFunction, SlotRests } from './slot-function';

/** What the model needs to know of a traced function. */
export interface SlotSource extends ExecutionProfile {
  readonly id: string;
  readonly pattern: string;
  /** Calls in each minute. */
  readonly counts: ArrayLike<number>;
}

const MINUTE = 60;
const MOST_SLOTS = 512;
/** Standard deviations between the median and the 99th percentile. */
const NORMAL_99 = 2.326;
const LONGEST_SECONDS = 600;
const COLD_MEDIAN_SECONDS = 1.2;
const COLD_SIGMA = 0.6;

/**
 * Functions with their calls and rests. A minute's only call comes at the same second of each minute, several at random ones.
 * Times of a call are lognormal between the percentiles, starts from nothing lognormal about 1.2 s for each function.
 */
export function slotFunctions(sources: readonly SlotSource[], seed: number): SlotFunction[] {
  const random = seededRandom(seed);
  return sources.map((source) => {
    const { id, pattern, counts } = source;
    const median = clamp(source.p50Ms, 1, 3e5) / 1000;
    const tail = Math.log(Math.max(source.p99Ms, source.p50Ms + 1e-9) / Math.max(source.p50Ms, 1)) / NORMAL_99;
    const sigma = clamp(tail, 0, 1.5);
    const coldSeconds = coldStart(random);
    const calls = callsOf(counts, random);
    const duration = (): number => Math.min(median * Math.exp(sigma * normal(random)), LONGEST_SECONDS);
    return {
      id,
      pattern,
      counts: sharedNumbers(counts),
      memoryGb: clamp(source.memoryMb, 64, 4096) / 1024,
      coldSeconds,
      executeSeconds: median * Math.exp(sigma ** 2 / 2),
      slots: slotsOf(calls, duration),
    };
  });
}

/** A function whose calls and times are known one by one. */
export function timedFunction(times: RequestTimes, memoryGb: number, seed: number): SlotFunction {
  const { id, at, executeSeconds } = times;
  const counts = new Float64Array(Math.floor((at.at(-1) ?? 0) / MINUTE) + 1);
  for (const moment of at) counts[Math.floor(moment / MINUTE)] = (counts[Math.floor(moment / MINUTE)] as number) + 1;
  let call = 0;
  return {
    id,
    pattern: 'requests',
    counts: sharedNumbers(counts),
    memoryGb,
    coldSeconds: coldStart(seededRandom(seed)),
    executeSeconds: executeSeconds.reduce((sum, seconds) => sum + seconds, 0) / executeSeconds.length,
    slots: slotsOf(at, () => executeSeconds[call++] as number),
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function coldStart(random: () => number): number {
  return clamp(COLD_MEDIAN_SECONDS * Math.exp(COLD_SIGMA * normal(random)), 0.2, 8);
}

function callsOf(counts: ArrayLike<number>, random: () => number): Float64Array {
  const second = random() * MINUTE;
  const calls: number[] = [];
  for (let minute = 0; minute < counts.length; minute++) {
    const count = counts[minute] as number;
    if (count === 1) calls.push(minute * MINUTE + second);
    else if (count > 1) {
      const several = Array.from({ length: count }, () => (minute + random()) * MINUTE).sort((a, b) => a - b);
      for (const call of several) calls.push(call);
    }
  }
  return Float64Array.from(calls);
}

/** Each call takes the lowest free slot. */
function slotsOf(calls: Float64Array, duration: () => number): SlotRests[] {
  const from: number[][] = [];
  const to: number[][] = [];
  const freeAt: number[] = [];
  for (const call of calls) {
    const end = call + duration();
    let slot = 0;
    while (slot < MOST_SLOTS - 1 && (freeAt[slot] ?? 0) > call) slot++;
    if (slot === freeAt.length) {
      from.push([-1]);
      to.push([]);
    }
    to[slot]?.push(call);
    from[slot]?.push(end);
    freeAt[slot] = end;
  }
  return from.map((starts, slot) => ({
    from: sharedNumbers(starts),
    to: sharedNumbers([...(to[slot] ?? []), Infinity]),
  }));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
