import type { Readable } from 'node:stream';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { HistoryDay } from '../../../drivers/store/history-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, tenantQuery } from '../api-schemas';
import { noteChange, noteUnchanged } from '../audit/change-note';
import { findFunction } from '../find-function';
import { takeInHistory, tooLarge, type HistoryTime } from '../history-intake';

const MINUTE_MS = 60_000;
/** A hundred functions over a month with counts of four digits, and some. */
const MAX_BYTES = 32 * 1024 * 1024;
const COUNTS_TYPES = ['text/csv', 'application/octet-stream'];
const TAGS = ['functions'];

const wholeMinute = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) % MINUTE_MS === 0, 'must be a whole minute');
const importQuery = tenantQuery
  .extend({
    from: wholeMinute.optional().describe('the first minute of all lines'),
    end: wholeMinute
      .optional()
      .describe('the end of the last minute of each line; default: now, where `from` is not given'),
    source: z.string().min(1).max(200).default('import').describe('where the counts come from, for people'),
    dryRun: z.stringbool().default(false).describe('check everything, change nothing'),
  })
  .refine(({ from, end }) => from === undefined || end === undefined, {
    path: ['end'],
    message: 'cannot stand beside `from`: each settles the other',
  });

const importAnswer = z
  .object({
    dryRun: z.boolean(),
    changedDays: z.number().int().describe('days of functions that are not as they were before'),
    items: z.array(
      z.object({
        function: z.string(),
        from: instant,
        to: instant.describe('exclusive'),
        minutes: z.number().int(),
        total: z.number().int().describe('requests'),
      }),
    ),
  })
  .meta({ id: 'HistoryImport' });
const daySchema = z
  .object({
    day: instant,
    importedMinutes: z.number().int(),
    imported: z.number().int().describe('requests that another system counted'),
    source: z.string().nullable().describe('where they come from; null where nothing was imported'),
    ownMinutes: z.number().int().describe('minutes in which the platform counted requests'),
    own: z.number().int(),
  })
  .meta({ id: 'HistoryDay' });

/** The past that forecasts learn from, and the import of one that another system has seen. */
export async function historyRoutes(parent: ApiApp, context: ApiContext): Promise<void> {
  const { store } = context;

  parent.get(
    '/v1/functions/:name/history',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getFunctionHistory',
        tags: TAGS,
        summary: 'The past that forecasts of the function learn from, by UTC day: imported, and counted here',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 200: z.object({ items: z.array(daySchema) }) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      return { items: (await store.historyDays(fn.id)).map(dayView) };
    },
  );

  parent.delete(
    '/v1/functions/:name/history',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deleteFunctionHistory',
        tags: TAGS,
        summary: 'Forget what was imported for the function; what was counted here stays',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const before = await store.historyDays(fn.id);
      if (!(await store.deleteImportedHistory(fn.id))) {
        throw new PlatformError('not_found', `Nothing was imported for ${fn.name}.`);
      }
      noteChange(request, { before: before.map(dayView), after: null });
      return reply.code(204).send(null);
    },
  );

  await parent.register(async (app: ApiApp) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(COUNTS_TYPES, (_request, payload, done) => done(null, payload));

    app.put(
      '/v1/history',
      {
        config: { scope: 'deploy' },
        bodyLimit: MAX_BYTES,
        schema: {
          operationId: 'importHistory',
          tags: TAGS,
          summary: 'Import requests a minute of functions as another system counted them',
          description:
            'The body has a line for each function, `name,c0,c1,…`: a count for each minute, the oldest first, without a header. All or nothing: ' +
            'with any problem nothing changes. Minutes that were imported before are replaced, so a request may be repeated at will; ' +
            'minutes in which the platform itself counted requests stay as it counted them.',
          consumes: COUNTS_TYPES,
          querystring: importQuery,
          response: answers({ 200: importAnswer }, ...KEYED, 413, 415, 507),
        },
      },
      async (request) => {
        const { tenant } = callerOf(request);
        const { dryRun, source } = request.query;
        const announced = Number(request.headers['content-length'] ?? 0);
        if (announced > MAX_BYTES) throw tooLarge(announced, MAX_BYTES);
        const time = timeOf(request.query, context.now());
        const body = (request.body ?? []) as Readable;
        const series = await takeInHistory(context, body, { tenant, time, maxBytes: MAX_BYTES });
        const changedDays = dryRun ? 0 : await store.importHistory({ tenant, source, series });
        const items = series.map(({ name, first, counts, total }) => ({
          function: name,
          from: first.toISOString(),
          to: new Date(first.getTime() + counts.length * MINUTE_MS).toISOString(),
          minutes: counts.length,
          total,
        }));
        if (dryRun || changedDays === 0) noteUnchanged(request);
        else noteChange(request, { before: null, after: { source, items } });
        return { dryRun, changedDays, items };
      },
    );
  });
}

function timeOf({ from, end }: z.output<typeof importQuery>, now: Date): HistoryTime {
  if (from !== undefined) return { from: new Date(from) };
  return { end: end === undefined ? new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS) : new Date(end) };
}

function dayView({ day, ...rest }: HistoryDay): z.output<typeof daySchema> {
  return { day: day.toISOString(), ...rest };
}
