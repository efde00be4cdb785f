import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { START_KINDS } from '../../../core/start/start';
import type { MinuteCount } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const HOUR_MS = 3_600_000;
/** So that one answer stays below 10,081 rows. */
const MAX_SPAN_MS = 7 * 24 * HOUR_MS;

const countSchema = z
  .object({
    minute: instant,
    total: z.number().int(),
    errors: z.number().int(),
    executeMs: z.number(),
    byKind: z.record(z.enum(START_KINDS), z.number().int()),
    byCause: z.record(z.string(), z.number().int()),
  })
  .meta({ id: 'MinuteCount' });
export type MinuteCountView = z.output<typeof countSchema>;

function countView(record: MinuteCount): MinuteCountView {
  const { minute, total, errors, executeMs, byKind, byCause } = record;
  return { minute: minute.toISOString(), total, errors, executeMs, byKind: { ...byKind }, byCause: { ...byCause } };
}

export function countsRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/functions/:name/counts',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'functionCounts',
        tags: ['functions'],
        summary: 'Invocations per minute; minutes without any are left out',
        params: functionParams,
        querystring: tenantQuery.extend({
          from: z.iso.datetime({ offset: true }).optional().describe('default: an hour before `to`'),
          to: z.iso.datetime({ offset: true }).optional().describe('exclusive; default: now'),
        }),
        response: answers(
          { 200: z.object({ from: instant, to: instant, items: z.array(countSchema) }) },
          ...KEYED,
          404,
        ),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const to = request.query.to === undefined ? context.now() : new Date(request.query.to);
      const from = request.query.from === undefined ? new Date(to.getTime() - HOUR_MS) : new Date(request.query.from);
      const span = to.getTime() - from.getTime();
      if (span <= 0 || span > MAX_SPAN_MS) {
        throw new PlatformError(
          'invalid_argument',
          'The time from `from` to `to` must be more than nothing and at most 7 days.',
          {
            problems: [{ path: 'from', message: span <= 0 ? 'is not before `to`' : 'is more than 7 days before `to`' }],
          },
        );
      }
      const counts = await context.store.minuteCounts({ functionId: fn.id, from, to });
      return { from: from.toISOString(), to: to.toISOString(), items: counts.map(countView) };
    },
  );
}
