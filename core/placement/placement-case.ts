import type { Isolation } from '../function/isolation';
import type { Tier } from '../function/manifest';
import type { PlacementPrices, PlacementWeights } from './placement-prices';

/** Everything that decides where functions sit: plain values, so that a case can be stored, sent and solved anywhere. */
export interface PlacementCase {
  /** Where users and data are; the rows of `regionMs`. Nodes are in regions too, not necessarily in one of these. */
  readonly regions: readonly string[];
  readonly nodes: readonly PlacementNode[];
  readonly functions: readonly PlacementFunction[];
  /** Which function calls which, at most one edge for each ordered pair. */
  readonly calls: readonly CallEdge[];
  /** Round trip in ms between each region (row) and each node (column, in the order of `nodes`), 0 or more. */
  readonly regionMs: readonly (readonly number[])[];
  /** Round trip in ms from each node (row) to each node (column), 0 or more; the diagonal is a call within the node. */
  readonly nodeMs: readonly (readonly number[])[];
  readonly weights: PlacementWeights;
  readonly prices: PlacementPrices;
}

/** A machine that functions can sit on. Capacity is for all functions together, not what is free at the moment. */
export interface PlacementNode {
  readonly name: string;
  readonly region: string;
  readonly tier: Tier;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /**
   * `cordoned` keeps what it has and takes nothing more; what sits on one that is `draining` or `lost` must leave, whatever
   * that costs.
   */
  readonly state: 'ready' | 'cordoned' | 'draining' | 'lost';
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  /** How many instances it can hold at most. */
  readonly slots: number;
  /** In and out together; null where nobody has set a limit. */
  readonly bandwidthBytesPerSecond: number | null;
  /** Multiplies the prices of CPU and memory: 2 for a node whose room is twice as dear. */
  readonly priceFactor: number;
}

/** What a function needs, who calls it from where, and what it may not do. Rates are calls an hour, expected or measured. */
export interface PlacementFunction {
  readonly id: string;
  /** Calls an hour by users of each region, those through other functions not counted; a region left out has none. */
  readonly users: readonly { readonly region: string; readonly callsPerHour: number }[];
  /** Request and answer together. */
  readonly bytesPerCall: number;
  /** What each call reads or writes elsewhere. */
  readonly data: readonly DataUse[];
  /** CPU that all its calls take together, in thousandths of a core; replicas share it by their calls. */
  readonly cpuMillis: number;
  /** Instances that serve all its calls where they arrive on one node, from 1; each replica has one at least. */
  readonly instances: number;
  /** Of one instance. */
  readonly memoryBytes: number;
  /** The share `percentile` (0-100) of users' calls must be within so many ms of round trip to a replica. */
  readonly sla: { readonly percentile: number; readonly ms: number } | null;
  /** Regions whose nodes may hold it (residency); null for all. */
  readonly regions: readonly string[] | null;
  /** Tiers whose nodes may hold it. */
  readonly tiers: readonly Tier[];
  /** Only nodes that offer it may hold it; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /** Other tiers count as dearer by `prices.otherTier`. */
  readonly preferTier: Tier | null;
  /** Nodes that hold it at once, never two in one region: at least `min`, up to `max` where an SLA needs more or it is cheaper. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** Where it is now; null for one that is new. */
  readonly current: CurrentPlace | null;
  readonly move: MoveEffort;
}

export interface DataUse {
  /** Where the data lies, one of the case's `regions`. */
  readonly region: string;
  /** Round trips for each call that are waited for, one after the other. */
  readonly tripsPerCall: number;
  readonly bytesPerCall: number;
}

export interface CallEdge {
  readonly from: string;
  readonly to: string;
  readonly callsPerHour: number;
  /** Request and answer together. */
  readonly bytesPerCall: number;
}

export interface CurrentPlace {
  /** Names of nodes; those that the case does not know are gone, so that it must leave them. */
  readonly nodes: readonly string[];
  /** Since the last move; null where it never moved. */
  readonly secondsSinceMove: number | null;
}

/** What bringing one replica to another node takes, once. */
export interface MoveEffort {
  /** Shipped ahead: the checkpoint, or the code. */
  readonly bytes: number;
  /** For so long both sides hold an instance. */
  readonly seconds: number;
  /** Seconds that callers wait because of it, all of them together. */
  readonly waitSeconds: number;
}

/** Which nodes hold each function, by id. One node for most; several are replicas, and each user goes to the nearest. */
export type Placement = Readonly<Record<string, readonly string[]>>;

/**
 * A way to place functions. Same case and seed, same placement. The case must have passed `checkPlacementCase`. What comes back
 * may break hard constraints where a solver cannot keep them: ask `violationsOf`.
 */
export interface PlacementSolver {
  readonly name: string;
  solve(problem: PlacementCase, seed: number): Placement;
}
