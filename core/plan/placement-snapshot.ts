import type { FunctionConstraints } from '../budget/budget-constraints';
import type { PriceTable } from '../cost/price-table';
import type { Isolation } from '../function/isolation';
import type { Manifest, Tier } from '../function/manifest';
import type { LatencyMatrix } from '../network/latency-matrix';
import type { NodeCapacity } from '../node/node-capacity';
import type { NodeState } from '../node/node-state';

/** What is known of the platform when functions are placed. Functions go by `tenant/name`. */
export interface PlacementSnapshot {
  readonly nodes: readonly SnapshotNode[];
  readonly functions: readonly SnapshotFunction[];
  readonly users: readonly MeasuredUsers[];
  readonly calls: readonly MeasuredCalls[];
  /** Hours in which users and calls were counted. */
  readonly hours: number;
  readonly latency: LatencyMatrix;
  /** What is charged on each tier; left out: the same on all. */
  readonly charged?: PriceTable['tiers'];
}

export interface SnapshotNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  readonly state: NodeState;
  /** Null: its agent was never heard of. */
  readonly capacity: NodeCapacity | null;
  /** Between it and the gateways, in and out together; null where nothing limits it. */
  readonly bandwidthBytesPerSecond: number | null;
}

export interface SnapshotFunction {
  readonly id: string;
  /** Of the revision that has most of its traffic. */
  readonly manifest: Manifest;
  /** Nodes that it is placed on or, where it has no placement, lives on; empty: none. */
  readonly nodes: readonly string[];
  /** Since it was placed there; null where it never moved. */
  readonly secondsSinceMove: number | null;
  /** All its calls in those hours, whoever made them. */
  readonly load: { readonly calls: number; readonly executeMs: number; readonly cpuMicros: number };
  /** Calls an hour that the forecast expects now; null without one. */
  readonly expectedPerHour: number | null;
  /** Of what a node needs to start it: its sealed checkpoint, else its code. */
  readonly imageBytes: number;
  /** What budgets allow of it; left out: everything. */
  readonly constraints?: FunctionConstraints;
}

/** Calls that users of a region waited for. */
export interface MeasuredUsers {
  readonly function: string;
  readonly region: string;
  readonly calls: number;
  /** Bodies, there and back. */
  readonly bytes: number;
}

/** Calls that one function waited for another. */
export interface MeasuredCalls {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly bytes: number;
}
