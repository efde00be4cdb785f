import { z } from 'zod';
import { nameSchema } from '../../../core/function/manifest';
import { START_CAUSES, START_KINDS } from '../../../core/start/start';
import type { InvocationRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { findInvocation } from '../find-invocation';
import { storePage } from '../page-cursor';
import { logSchema, logView } from './log-view';

const milliseconds = z.number().describe('milliseconds');
const invocationSchema = z
  .object({
    id: z.string(),
    at: instant,
    function: z.string(),
    revision: z.number().int().nullable(),
    node: z.string().nullable(),
    instance: z.string().nullable(),
    method: z.string(),
    path: z.string(),
    status: z.number().int(),
    errorCode: z.string().nullable(),
    kind: z.enum(START_KINDS).nullable().describe('how it got its instance; null when it reached none'),
    cause: z.enum(START_CAUSES).nullable().describe('why it was not hot'),
    queueMs: milliseconds,
    startMs: milliseconds,
    executeMs: milliseconds,
    totalMs: milliseconds,
    firstByteMs: milliseconds.nullable(),
    phases: z.record(z.string(), z.number()).describe('where the time went, in milliseconds'),
    cpuMicros: z.number().nullable(),
    memoryByteMs: z.number(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    traceId: z.string().nullable(),
    attempt: z
      .number()
      .int()
      .nullable()
      .describe('which try of an asynchronous invocation; null where the caller waited'),
    userRegion: z.string().nullable().describe('where the user called from; null where a function called'),
    caller: z.string().nullable().describe('the function that called; null where somebody else did'),
  })
  .meta({ id: 'Invocation' });
export type InvocationView = z.output<typeof invocationSchema>;

function invocationView(record: InvocationRecord): InvocationView {
  const { instanceId, at, phases, ...rest } = record;
  return { ...rest, instance: instanceId, at: at.toISOString(), phases: { ...phases } };
}

const params = z.strictObject({ id: z.string().min(1).max(200) });

export function invocationsRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;
  app.get(
    '/v1/invocations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listInvocations',
        tags: ['invocations'],
        summary: 'Invocations, newest first',
        querystring: listQuery.extend({
          function: nameSchema.optional(),
          kind: z.enum(START_KINDS).optional(),
          status: z
            .enum(['ok', 'error'])
            .optional()
            .describe('error: status 500 or above, or an error code of the platform'),
        }),
        response: answers({ 200: pageSchema(invocationSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, kind, status, limit, cursor } = request.query;
      const filter = {
        tenant,
        ...(name === undefined ? {} : { function: name }),
        ...(kind === undefined ? {} : { kind }),
        ...(status === undefined ? {} : { status }),
      };
      return storePage({ limit, cursor }, (page) => store.invocations({ ...filter, ...page }), invocationView);
    },
  );

  app.get(
    '/v1/invocations/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getInvocation',
        tags: ['invocations'],
        summary: 'One invocation: its start, its phases, its cost',
        params,
        querystring: tenantQuery,
        response: answers({ 200: invocationSchema }, ...KEYED, 404),
      },
    },
    async (request) => invocationView(await findInvocation(context, callerOf(request).tenant, request.params.id)),
  );

  app.get(
    '/v1/invocations/:id/logs',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'invocationLogs',
        tags: ['logs'],
        summary: 'What one invocation wrote, oldest first',
        params,
        querystring: listQuery,
        response: answers({ 200: pageSchema(logSchema) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { id } = await findInvocation(context, tenant, request.params.id);
      return storePage(request.query, (page) => store.logs({ tenant, invocationId: id, ...page }), logView);
    },
  );
}
