import { z } from 'zod';
import { nameSchema } from '../../../core/function/manifest';
import { latencyQuantile } from '../../../core/traffic/latency-counts';
import { TRAFFIC_DAYS, type Traffic } from '../../../drivers/store/traffic-map-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const HOUR_MS = 3_600_000;

const milliseconds = z.number().nullable().describe('to the first byte of the answer, right within 9 %; null: of none');
const traffic = {
  calls: z.number().int().describe('for which somebody waited'),
  asyncCalls: z.number().int().describe('tries of asynchronous invocations'),
  bytesIn: z.number(),
  bytesOut: z.number(),
  p50Ms: milliseconds,
  p99Ms: milliseconds,
};
const mapSchema = z
  .object({
    from: instant.describe('a full hour'),
    to: instant,
    users: z.array(z.object({ function: z.string(), region: z.string(), ...traffic })),
    calls: z.array(z.object({ caller: z.string(), function: z.string().describe('that is called'), ...traffic })),
  })
  .meta({ id: 'TrafficMap' });
export type TrafficMapView = z.output<typeof mapSchema>;

/** Who calls what from where. */
export function trafficRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/traffic-map',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTrafficMap',
        tags: ['invocations'],
        summary: 'Who calls what from where: users by region, and functions that call functions, as measured',
        querystring: tenantQuery.extend({
          function: nameSchema.optional().describe('only what goes to it, or from it to another'),
          hours: z.coerce
            .number()
            .int()
            .min(1)
            .max(TRAFFIC_DAYS * 24)
            .default(24)
            .describe('how far back; the first hour counts whole'),
        }),
        response: answers({ 200: mapSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, hours } = request.query;
      const chosen = name === undefined ? null : await findFunction(context, tenant, name);
      const to = context.now();
      const from = new Date(Math.floor((to.getTime() - hours * HOUR_MS) / HOUR_MS) * HOUR_MS);
      const [map, names] = await Promise.all([
        store.trafficMap({ tenant, from, to, ...(chosen ? { functionId: chosen.id } : {}) }),
        functionNames(context, tenant),
      ]);
      // What was deleted meanwhile has no name, and nobody to move.
      const users = map.users.flatMap(({ functionId, region, ...row }) => {
        const called = names.get(functionId);
        return called === undefined ? [] : [{ function: called, region, ...view(row) }];
      });
      const calls = map.calls.flatMap(({ callerId, calleeId, ...row }) => {
        const [caller, called] = [names.get(callerId), names.get(calleeId)];
        return caller === undefined || called === undefined ? [] : [{ caller, function: called, ...view(row) }];
      });
      return { from: from.toISOString(), to: to.toISOString(), users, calls };
    },
  );
}

function view({ calls, asyncCalls, bytesIn, bytesOut, latencies }: Traffic) {
  const [p50Ms, p99Ms] = [latencyQuantile(latencies, 0.5), latencyQuantile(latencies, 0.99)];
  return { calls, asyncCalls, bytesIn, bytesOut, p50Ms, p99Ms };
}

async function functionNames({ store }: ApiContext, tenant: string): Promise<ReadonlyMap<string, string>> {
  const { functions } = await store.routes();
  return new Map(functions.filter((fn) => fn.tenant === tenant).map((fn) => [fn.functionId, fn.name]));
}
