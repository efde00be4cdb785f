import type { LatencyCounts } from '../../core/traffic/latency-counts';

/** Hours are kept for so many days. */
export const TRAFFIC_DAYS = 31;

/** What went one way in a time. Only calls that reached an instance count. */
export interface Traffic {
  /** For which somebody waited. */
  readonly calls: number;
  /** Tries of asynchronous invocations. */
  readonly asyncCalls: number;
  /** Bodies, there and back. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of those that somebody waited for: from the arrival at the gateway to the first byte of the answer. */
  readonly latencies: LatencyCounts;
}

/** Users of one region who call a function. */
export interface UserTraffic extends Traffic {
  readonly tenant: string;
  readonly functionId: string;
  readonly region: string;
}

/** One function that calls another of its tenant. */
export interface CallTraffic extends Traffic {
  readonly tenant: string;
  readonly callerId: string;
  readonly calleeId: string;
}

/** Who calls what from where, as it was measured. */
export interface TrafficMap {
  /** By function, then region. */
  readonly users: readonly UserTraffic[];
  /** By callee, then caller. */
  readonly calls: readonly CallTraffic[];
}

/** What all calls of a function took together, whoever made them. */
export interface FunctionLoad {
  readonly functionId: string;
  readonly calls: number;
  readonly executeMs: number;
  /** Where the runtime does not measure it, the time of execution counts. */
  readonly cpuMicros: number;
}

export interface TrafficMapStore {
  /**
   * The sums over the whole hours that touch `from` (inclusive) to `to` (exclusive).
   * @param query.functionId only what goes to it, or from it to another
   */
  trafficMap(query: {
    readonly tenant?: string;
    readonly functionId?: string;
    readonly from: Date;
    readonly to: Date;
  }): Promise<TrafficMap>;
  /** By function; of the whole minutes from `from` (inclusive) to `to` (exclusive). */
  functionLoads(query: { readonly from: Date; readonly to: Date }): Promise<readonly FunctionLoad[]>;
}
