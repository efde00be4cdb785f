import type { ColumnType, Generated } from 'kysely';
import type { Tier } from '../../../core/function/manifest';
import type { NodeCapacity } from '../../../core/node/node-capacity';
import type { NodeIntent } from '../../../core/node/node-state';
import type { NodeDescription } from '../node-store';

type Json<T> = ColumnType<T, string, string>;

/** The nodes, and the tokens by which they join, with columns in camelCase. */
export interface NodeTables {
  nodes: {
    name: string;
    tier: Tier;
    region: string;
    address: string;
    labels: Json<Readonly<Record<string, string>>>;
    capacity: Json<NodeCapacity>;
    incarnation: string;
    intent: Generated<NodeIntent>;
    reason: string | null;
    lastSeenAt: Generated<Date>;
    registeredAt: Generated<Date>;
    lostAt: Date | null;
    removedAt: Date | null;
    described: Json<NodeDescription> | null;
  };
  nodeJoinTokens: {
    hash: string;
    node: string;
    tier: Tier;
    region: string;
    expiresAt: Date;
    usedAt: ColumnType<Date | null, never, Date>;
    createdAt: ColumnType<Date, Date | undefined, never>;
  };
}
