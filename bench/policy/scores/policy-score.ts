import { LatencyCounts } from '../slots/latency-counts';
import type { SlotOutcome } from '../slots/slot-outcome';

/** One function's part. */
export interface FunctionScore {
  readonly pattern: string;
  readonly calls: number;
  readonly cold: number;
  readonly p99Seconds: number;
}

/** What a policy did for all functions. Plain numbers: it goes from thread to thread. */
export interface PolicyScore {
  readonly calls: number;
  readonly cold: number;
  /** What rests cost, and what calls took, in GB·s. */
  readonly heldGbSeconds: number;
  readonly busyGbSeconds: number;
  readonly delaySeconds: number;
  /** Of wait and execution, over all calls. */
  readonly p99Seconds: number;
  /** Those that were called. */
  readonly functions: readonly FunctionScore[];
}

const P99 = 0.99;

/** Adds up the outcomes of functions. */
export class ScoreSum {
  readonly #functions: FunctionScore[] = [];
  readonly #latency = new LatencyCounts();
  #cold = 0;
  #calls = 0;
  #held = 0;
  #busy = 0;
  #delay = 0;

  add({ pattern, calls, cold, heldGbSeconds, busyGbSeconds, delaySeconds, latency }: SlotOutcome): void {
    this.#calls += calls;
    this.#cold += cold;
    this.#held += heldGbSeconds;
    this.#busy += busyGbSeconds;
    this.#delay += delaySeconds;
    this.#latency.merge(latency);
    if (calls > 0) this.#functions.push({ pattern, calls, cold, p99Seconds: latency.quantile(P99) });
  }

  score(): PolicyScore {
    return {
      calls: this.#calls,
      cold: this.#cold,
      heldGbSeconds: this.#held,
      busyGbSeconds: this.#busy,
      delaySeconds: this.#delay,
      p99Seconds: this.#latency.quantile(P99),
      functions: this.#functions,
    };
  }
}

/** Share of calls that were cold, in percent. */
export function coldPercent({ cold, calls }: PolicyScore): number {
  return calls > 0 ? (100 * cold) / calls : 0;
}

/** Mean over functions of their share of cold calls, in percent. */
export function functionMean({ functions }: PolicyScore): number {
  return functions.length === 0 ? 0 : shares(functions).reduce((sum, share) => sum + share, 0) / functions.length;
}

/** The function that three of four do better than: its share of cold calls, in percent. @param pattern only functions of it */
export function thirdQuartile({ functions }: PolicyScore, pattern?: string): number {
  return quantileOf(shares(functions.filter((item) => pattern === undefined || item.pattern === pattern)), 0.75);
}

/** Functions of which every call was cold, in percent of all. */
export function alwaysCold({ functions }: PolicyScore): number {
  return functions.length === 0
    ? 0
    : (100 * functions.filter(({ cold, calls }) => cold === calls).length) / functions.length;
}

/** Median over functions of the 99th percentile of wait and execution, in seconds. */
export function typicalP99({ functions }: PolicyScore): number {
  return quantileOf(functions.map(({ p99Seconds }) => p99Seconds), 0.5); // prettier-ignore
}

/** Memory-time that was paid for without use, in millions of GB·s. */
export function waste({ heldGbSeconds }: PolicyScore): number {
  return heldGbSeconds / 1e6;
}

function shares(functions: readonly FunctionScore[]): number[] {
  return functions.map(({ cold, calls }) => (100 * cold) / calls);
}

/** Between the two values around it by a straight line. */
function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return low + (place - Math.floor(place)) * (high - low);
}
