import type { LatencyCounts } from '../traffic/latency-counts';
import type { CallCosts } from '../cost/cost-sum';
import type { InvocationRecord } from './invocation-record';

/** Invocations that are written at once: the ordinary ones packed, each of the others for itself. */
export interface InvocationBatch {
  readonly blocks: readonly InvocationBlock[];
  readonly rows: readonly InvocationRow[];
}

/** A call that is written for itself. `costs`: what it cost, where it is priced. */
export type InvocationRow = InvocationRecord & { readonly costs?: CallCosts };

/** Ordinary calls of one function that arrived within one minute, packed. A repeat under the same id is not written again. */
export interface InvocationBlock {
  readonly id: string;
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  /** How many. */
  readonly calls: number;
  /** The arrivals of the first and of the last of them. */
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** All ends lie from one to the other, both inclusive. */
  readonly firstEnd: Date;
  readonly lastEnd: Date;
  /** When each came and how long it took: what is read of many calls at once. */
  readonly times: Uint8Array;
  /** All else. */
  readonly details: Uint8Array;
  readonly sums: BlockSums;
}

/** What the calls of a block add to the counts. */
export interface BlockSums {
  readonly executeMs: number;
  /** Where the runtime does not measure it, the time of execution counts. */
  readonly cpuMicros: number;
  readonly costs: CallCosts;
  /** By the region of the user, and by the id of the function that called. */
  readonly users: readonly TrafficSum[];
  readonly callers: readonly TrafficSum[];
}

export interface TrafficSum {
  readonly from: string;
  readonly calls: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly latencies: LatencyCounts;
}

/** Calls of a batch. */
export function callsIn({ blocks, rows }: InvocationBatch): number {
  return blocks.reduce((sum, { calls }) => sum + calls, rows.length);
}
