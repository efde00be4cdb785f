import { z } from 'zod';
import type { EventRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema } from '../api-schemas';
import type { EventStreams, StreamSource } from '../event-stream';
import { storePage } from '../page-cursor';
import { follows, resumeAfter, streamAnswer, streamQuery } from '../stream-request';

const STREAM_PAGE = 200;
const eventSchema = z
  .object({
    id: z.string(),
    at: instant,
    tenant: z.string().nullable().describe('null: of the platform itself'),
    type: z.string().meta({ example: 'instance.started' }),
    function: z.string().nullable(),
    node: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });

export type EventView = z.output<typeof eventSchema>;

function eventView(record: EventRecord): EventView {
  const { id, tenant, type, function: name, node, data } = record;
  return { id, at: record.at.toISOString(), tenant, type, function: name, node, data: { ...data } };
}

export function eventsRoutes(app: ApiApp, context: ApiContext, streams: EventStreams): void {
  const { store } = context;

  app.get(
    '/v1/events',
    {
      config: { scope: 'read' },
      exposeHeadRoute: false,
      schema: {
        operationId: 'listEvents',
        tags: ['events'],
        summary: 'What happened: a page, or followed live with Accept: text/event-stream',
        description:
          'Server-sent events are named by their type. `Last-Event-ID` goes on after an event. `all=true` gives platform operators ' +
          'the events of every tenant and of the platform itself.',
        querystring: listQuery.extend({
          types: z.string().max(500).optional().describe('comma-separated, e.g. deployment.succeeded,instance.ended'),
          order: z.enum(['oldest', 'newest']).default('newest').describe('of a page: which events come first'),
          all: z.stringbool().default(false).describe('platform operators only; others get their own tenant’s'),
          ...streamQuery,
        }),
        response: answers({ 200: streamAnswer(pageSchema(eventSchema)) }, ...KEYED),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { order, limit, cursor, tail } = request.query;
      const filter = { tenant: scopeOf(caller, request.query.all), ...typesOf(request.query.types) };
      if (follows(request)) {
        const source: StreamSource<EventRecord> = {
          subscribe: (wake) =>
            store.subscribe('events', (of) => (of === '' || filter.tenant === null || of === filter.tenant) && wake()),
          read: async (after) =>
            (await store.events({ ...filter, limit: STREAM_PAGE, ...(after === null ? {} : { after }) })).items,
          begin: async () => {
            const newest = (await store.events({ ...filter, limit: Math.max(1, tail), newestFirst: true })).items;
            const shown = tail === 0 ? [] : [...newest].reverse();
            return { shown, position: newest[0]?.id ?? null };
          },
          eventName: (event) => event.type,
          view: eventView,
        };
        return streams.send(caller.tenant, source, resumeAfter(request), request, reply);
      }
      return storePage(
        { limit, cursor },
        (page) => store.events({ ...filter, newestFirst: order === 'newest', ...page }),
        eventView,
      );
    },
  );
}

/** null stands for all tenants. */
function scopeOf(caller: Caller, all: boolean): string | null {
  return all && caller.operator ? null : caller.tenant;
}

function typesOf(text: string | undefined): { types?: string[] } {
  const types = text?.split(',').map((type) => type.trim()).filter(Boolean) ?? []; // prettier-ignore
  return types.length > 0 ? { types } : {};
}
