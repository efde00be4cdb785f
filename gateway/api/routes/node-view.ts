import { z } from 'zod';
import { TIERS } from '../../../core/function/manifest';
import { LOST_AFTER_MS, NODE_INTENTS, NODE_STATES, nodeStateOf } from '../../../core/node/node-state';
import type { NodeRecord } from '../../../drivers/store/node-store';
import type { ApiNode } from '../api-context';
import { instant } from '../api-schemas';

export const nodeSchema = z
  .object({
    name: z.string(),
    tier: z.enum(TIERS),
    region: z.string(),
    state: z.enum(NODE_STATES).describe(`lost: its agent has been silent for more than ${LOST_AFTER_MS / 1000} s`),
    decided: z.enum(NODE_INTENTS).describe('what was decided for it; it counts again when a lost one is back'),
    reason: z.string().nullable(),
    address: z.string().nullable().describe('gRPC target of its agent'),
    labels: z.record(z.string(), z.string()),
    capacity: z
      .object({ memoryBytes: z.number(), cpuMillis: z.number(), slots: z.number().int() })
      .nullable()
      .describe('null: its agent was never heard of'),
    lastSeenAt: instant.nullable(),
    registeredAt: instant.nullable(),
  })
  .meta({ id: 'Node' });

export type NodeView = z.output<typeof nodeSchema>;

export function nodeView(record: NodeRecord): NodeView {
  const { name, tier, region, intent, reason, address, labels, capacity, silentMs, lastSeenAt, registeredAt } = record;
  return {
    ...{ name, tier, region, decided: intent, reason, address, labels, capacity },
    state: nodeStateOf(intent, silentMs),
    lastSeenAt: lastSeenAt.toISOString(),
    registeredAt: registeredAt.toISOString(),
  };
}

/** Of one that a configuration names and that was never heard of. */
export function unheardView({ name, tier, region, state }: ApiNode): NodeView {
  const unknown = { reason: null, address: null, capacity: null, lastSeenAt: null, registeredAt: null };
  return { name, tier, region, state, decided: 'ready', labels: {}, ...unknown };
}
