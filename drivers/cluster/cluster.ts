import type { Tier } from '../../core/function/manifest';
import type { NodeCapacity } from '../../core/node/node-capacity';
import type { NodeState } from '../../core/node/node-state';

/** A machine with an agent. `address` is a gRPC target: `unix:/path` or `host:port`. */
export interface ClusterNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only a `ready` one gets new work. */
  readonly state: NodeState;
  /** Null: its agent was never heard of. */
  readonly capacity: NodeCapacity | null;
}

/** Knows the nodes. */
export interface Cluster {
  nodes(): Promise<readonly ClusterNode[]>;
}
