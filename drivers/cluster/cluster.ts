import type { Tier } from '../../core/function/manifest';

/** A machine with an agent. `address` is a gRPC target: `unix:/path` or `host:port`. */
export interface ClusterNode {
  readonly name: string;
  readonly tier: Tier;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Knows the nodes. */
export interface Cluster {
  nodes(): Promise<readonly ClusterNode[]>;
}
