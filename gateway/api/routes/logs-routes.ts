import { z } from 'zod';
import type { LogRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, KEYED, listQuery, pageSchema } from '../api-schemas';
import type { EventStreams, StreamSource } from '../event-stream';
import { findFunction } from '../find-function';
import { storePage } from '../page-cursor';
import { follows, resumeAfter, streamAnswer, streamQuery } from '../stream-request';
import { logSchema, logView } from './log-view';

type LogRow = LogRecord & { readonly id: string };
const STREAM_PAGE = 200;

export function logsRoutes(app: ApiApp, context: ApiContext, streams: EventStreams): void {
  const { store } = context;

  app.get(
    '/v1/functions/:name/logs',
    {
      config: { scope: 'read' },
      exposeHeadRoute: false,
      schema: {
        operationId: 'functionLogs',
        tags: ['logs'],
        summary: 'Log lines of a function: a page, or followed live with Accept: text/event-stream',
        description:
          'Events are named `log` and carry one line each. `Last-Event-ID` goes on after a line; else `tail` shows the last lines first.',
        params: functionParams,
        querystring: listQuery.extend({
          since: z.iso.datetime({ offset: true }).optional().describe('lines at or after this time'),
          order: z.enum(['oldest', 'newest']).default('oldest').describe('of a page: which lines come first'),
          ...streamQuery,
        }),
        response: answers({ 200: streamAnswer(pageSchema(logSchema)) }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { name } = request.params;
      await findFunction(context, tenant, name);
      const { since, order, limit, cursor, tail } = request.query;
      const filter = { tenant, function: name, ...(since === undefined ? {} : { since: new Date(since) }) };
      if (follows(request)) {
        const source: StreamSource<LogRow> = {
          subscribe: (wake) => store.subscribe('logs', (of) => (of === '' || of === `${tenant}/${name}`) && wake()),
          read: async (after) =>
            (await store.logs({ ...filter, limit: STREAM_PAGE, ...(after === null ? {} : { after }) })).items,
          begin: async () => {
            const newest = (await store.logs({ tenant, function: name, limit: Math.max(1, tail), newestFirst: true }))
              .items;
            const shown = tail === 0 ? [] : [...newest].reverse();
            return { shown, position: newest[0]?.id ?? null };
          },
          eventName: () => 'log',
          view: logView,
        };
        return streams.send(tenant, source, resumeAfter(request), request, reply);
      }
      return storePage(
        { limit, cursor },
        (page) => store.logs({ ...filter, newestFirst: order === 'newest', ...page }),
        logView,
      );
    },
  );
}
