import { z } from 'zod';
import { dollarText } from '../../../core/cost/money-text';
import { OBJECTIVES, type Kept } from '../../../core/overview/objectives';
import { OVERVIEW_WINDOWS, type OverviewWindow, type StepCount } from '../../../core/overview/overview';
import { START_KINDS } from '../../../core/start/start';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { budgetSchema } from '../budget-view';
import { OverviewCache } from '../overview-cache';

const WINDOWS = Object.keys(OVERVIEW_WINDOWS) as [OverviewWindow, ...OverviewWindow[]];

const countFields = z.object({
  total: z.number().int(),
  errors: z.number().int().describe('answered with 5xx, or not at all'),
  byKind: z.record(z.enum(START_KINDS), z.number().int()).describe('how an instance was got'),
});
const quantileFields = z.object({
  p50Ms: z.number().nullable().describe('from the arrival to the first byte; null: nobody waited'),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
});
const keptSchema = z.object({
  objective: z.number().describe('the share that it is to be'),
  share: z.number().nullable().describe('the share that it is; null: there was nothing'),
  burn: z.number().nullable().describe('how fast the error budget is used up; 1: just as fast as it may'),
});

const overviewSchema = z
  .object({
    tenant: z.string(),
    window: z.enum(WINDOWS),
    from: instant,
    to: instant,
    stepSeconds: z.number().int(),
    functions: z.number().int(),
    totals: countFields,
    points: z
      .array(countFields.extend({ at: instant.describe('the step’s start') }))
      .describe('every step, oldest first'),
    latency: quantileFields
      .extend({
        from: instant.describe('latencies are counted by the UTC hour: of those that touch the window'),
        hours: z.array(quantileFields.extend({ at: instant })),
      })
      .describe('right within 9 %'),
    coldShare: z.object({
      share: z.number().nullable().describe('of what an instance answered, what began with a cold start'),
      target: z.number(),
    }),
    objectives: z.object({
      availability: keptSchema.describe('answered without a failure; a function’s own failures count too'),
      latency: keptSchema.extend({ withinMs: z.number() }).describe('began to be answered in time'),
    }),
    spend: z.object({ today: z.string().describe('dollars since the UTC day began, exactly') }),
    budgets: z.array(budgetSchema),
  })
  .meta({ id: 'Overview' });

export type OverviewView = z.output<typeof overviewSchema>;

const HOUR_MS = 3_600_000;

/** How a tenant's functions do, at a glance. */
export function overviewRoutes(app: ApiApp, context: ApiContext): void {
  const cache = new OverviewCache(context);
  app.get(
    '/v1/overview',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'overview',
        tags: ['functions'],
        summary: 'Traffic, start kinds, latencies, cold share, objectives and spend of the tenant, at a glance',
        querystring: tenantQuery.extend({ window: z.enum(WINDOWS).default('1h') }),
        response: answers({ 200: overviewSchema }, ...KEYED),
      },
    },
    async (request): Promise<OverviewView> => {
      const { tenant } = callerOf(request);
      const { window } = request.query;
      const { from, to, stepMs, overview, functions, spentToday, budgets } = await cache.read(tenant, window);
      return {
        tenant,
        window,
        from: from.toISOString(),
        to: to.toISOString(),
        stepSeconds: stepMs / 1000,
        functions,
        totals: countView(overview.totals),
        points: overview.points.map((point) => ({ at: point.at.toISOString(), ...countView(point) })),
        latency: {
          ...overview.latency,
          from: new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS).toISOString(),
          hours: overview.hours.map(({ at, ...quantiles }) => ({ at: at.toISOString(), ...quantiles })),
        },
        coldShare: { share: overview.coldShare, target: OBJECTIVES.coldShare },
        objectives: {
          availability: keptView(overview.objectives.availability),
          latency: { ...keptView(overview.objectives.latency), withinMs: OBJECTIVES.latencyMs },
        },
        spend: { today: dollarText(spentToday) },
        budgets: [...budgets],
      };
    },
  );
}

function countView({ total, errors, byKind }: Omit<StepCount, 'at'>): z.output<typeof countFields> {
  return { total, errors, byKind: { ...byKind } };
}

function keptView({ objective, share, burn }: Kept): z.output<typeof keptSchema> {
  return { objective, share, burn };
}
