import { z } from 'zod';
import { INSTANCE_STATES } from '../../../core/agent/instance-state';
import { TIERS } from '../../../core/function/manifest';
import { NODE_STATES } from '../../../core/node/node-state';
import type { NodeReport, NodeStats } from '../../metrics/node-stats';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import type { ReadinessProbe } from '../readiness';
import { checkSchema } from './health-routes';

const states = z.partialRecord(z.enum(INSTANCE_STATES), z.number().int());
const nodeSchema = z.object({
  name: z.string(),
  tier: z.enum(TIERS),
  region: z.string(),
  state: z.enum(NODE_STATES),
  reachable: z.boolean(),
  driver: z.string().nullable().describe('how it runs instances'),
  draining: z.boolean(),
  instances: states.describe('of the tenant, by state'),
  memory: z
    .object({ capacityBytes: z.number(), committedBytes: z.number() })
    .nullable()
    .describe('for platform operators; null for others'),
});
const statusSchema = z
  .object({
    status: z.enum(['ready', 'degraded', 'unready']),
    at: instant,
    version: z.string(),
    tenant: z.string(),
    temporalUi: z
      .string()
      .nullable()
      .describe('the namespace in Temporal’s UI; for platform operators, null for others and where none is known'),
    components: z.array(checkSchema),
    nodes: z.array(nodeSchema),
    totals: z.object({
      functions: z.number().int(),
      instances: states,
      checkpoints: z.number().int(),
      checkpointBytes: z.number().int(),
      lastHour: z.object({ invocations: z.number().int(), errors: z.number().int() }),
    }),
  })
  .meta({ id: 'Status' });
export type StatusView = z.output<typeof statusSchema>;

const HOUR_MS = 3_600_000;
const PAGE = 1000;

export function statusRoutes(app: ApiApp, context: ApiContext, nodeStats: NodeStats, probe: ReadinessProbe): void {
  app.get(
    '/v1/status',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'status',
        tags: ['health'],
        summary: 'Nodes, components and totals of the tenant',
        querystring: tenantQuery,
        response: answers({ 200: statusSchema }, ...KEYED),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const now = context.now();
      const [readiness, reports, totals] = await Promise.all([
        probe.readiness(),
        nodeStats.reports(),
        totalsOf(context, caller.tenant, now),
      ]);
      const nodes = reports.map((report) => nodeView(report, caller));
      const instances: Partial<Record<(typeof INSTANCE_STATES)[number], number>> = {};
      for (const node of nodes) {
        for (const state of INSTANCE_STATES) {
          const count = node.instances[state];
          if (count !== undefined) instances[state] = (instances[state] ?? 0) + count;
        }
      }
      return {
        status: readiness.status,
        at: now.toISOString(),
        version: context.version.version,
        tenant: caller.tenant,
        temporalUi: caller.operator ? context.temporalUi : null,
        components: readiness.checks.map((item) => ({ ...item })),
        nodes,
        totals: { ...totals, instances },
      };
    },
  );
}

function nodeView({ node, tier, region, state, stats }: NodeReport, caller: Caller): z.output<typeof nodeSchema> {
  const instances: z.output<typeof states> = {};
  for (const state of INSTANCE_STATES) {
    const count =
      stats?.instances.filter((instance) => instance.tenant === caller.tenant && instance.state === state).length ?? 0;
    if (count > 0) instances[state] = count;
  }
  return {
    name: node,
    tier,
    region,
    state,
    reachable: stats !== null,
    driver: stats?.driver ?? null,
    draining: stats?.draining ?? false,
    instances,
    memory:
      stats && caller.operator
        ? { capacityBytes: stats.memoryCapacityBytes, committedBytes: stats.memoryCommittedBytes }
        : null,
  };
}

async function totalsOf({ store }: ApiContext, tenant: string, now: Date) {
  const [functions, checkpoints, counts] = await Promise.all([
    countFunctions(store, tenant),
    store.checkpoints({ tenant, states: ['ready'] }),
    store.minuteCounts({ tenant, from: new Date(now.getTime() - HOUR_MS), to: now }),
  ]);
  return {
    functions,
    checkpoints: checkpoints.length,
    checkpointBytes: checkpoints.reduce((sum, checkpoint) => sum + checkpoint.sealedBytes, 0),
    lastHour: {
      invocations: counts.reduce((sum, count) => sum + count.total, 0),
      errors: counts.reduce((sum, count) => sum + count.errors, 0),
    },
  };
}

async function countFunctions(store: ApiContext['store'], tenant: string): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.functions>> = await store.functions(tenant, { limit: PAGE, cursor });
    count += page.items.length;
    cursor = page.next;
  } while (cursor !== null);
  return count;
}
