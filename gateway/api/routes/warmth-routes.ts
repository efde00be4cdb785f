import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { peakOf } from '../../../core/warming/grant-targets';
import type { WarmthRecord } from '../../../drivers/store/warming-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, listQuery, pageSchema } from '../api-schemas';
import { findFunction } from '../find-function';

const instances = z.number().int();
const decisionFields = z.object({
  at: instant,
  policy: z.string(),
  reason: z.string().describe('one sentence'),
  ready: instances.describe('the most instances that are to be ready until the next decision'),
  revision: z.number().int(),
  steps: z
    .array(z.object({ after: z.number(), running: instances, frozen: instances }))
    .describe('instances to be ready from so many seconds after `at` on; what is in use counts as running'),
  keepAlive: z
    .array(z.number())
    .describe('seconds that an instance may rest beyond that, by its place; the last is for all further ones'),
  uses: z.array(z.number()).describe('uses a second that are expected of each instance, by its place'),
  pool: instances.describe('instances that the forecast asks for'),
  floor: instances.describe('instances that are declared: scale.min and open warm windows'),
  expectedRate: z.number().describe('calls a second that are expected'),
  forecastMean: z.number().nullable().describe('calls that the forecast expects of the next minute; null: no forecast'),
  granted: z.record(z.string(), instances).describe('the most that each node may hold, by its name'),
  capped: z.boolean().describe('some node may hold fewer than were asked for'),
});
const decisionSchema = decisionFields.meta({ id: 'WarmthDecision' });
const warmthSchema = decisionFields
  .extend({
    function: z.string(),
    history: pageSchema(decisionSchema).describe('decisions that held something, or let the last go; newest first'),
  })
  .meta({ id: 'Warmth' });

function decisionView(record: WarmthRecord): z.output<typeof decisionSchema> {
  const { policy, reason, revision, pool, floor, expectedRate, forecastMean, capped } = record;
  return {
    at: record.at.toISOString(),
    policy,
    reason,
    ready: peakOf(record),
    revision,
    steps: record.steps.map(({ after, running, frozen }) => ({ after, running, frozen })),
    keepAlive: [...record.keepAlive],
    uses: [...record.uses],
    pool,
    floor,
    expectedRate,
    forecastMean,
    granted: { ...record.granted },
    capped,
  };
}

export type WarmthView = z.output<typeof warmthSchema>;

/** What is held warm of a function, and why. */
export function warmthRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/functions/:name/warmth',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'functionWarmth',
        tags: ['warmth'],
        summary: 'What is held warm now, why, and the decisions before',
        params: functionParams,
        querystring: listQuery,
        response: answers({ 200: warmthSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const { limit, cursor } = request.query;
      const page = { functionId: fn.id, limit, ...(cursor === undefined ? {} : { cursor }) };
      const [latest, { items, next }] = await Promise.all([
        context.store.latestWarmth(fn.id),
        context.store.warmthHistory(page),
      ]);
      if (!latest) {
        throw new PlatformError('not_found', `Nothing has been decided for ${fn.name} yet.`, {
          hint: 'Decisions begin with the first full minute after the first request; until then spec.scale.keepAlive counts.',
        });
      }
      return { function: fn.name, ...decisionView(latest), history: { items: items.map(decisionView), next } };
    },
  );
}
