import { z } from 'zod';
import { ASYNC_STATES } from '../../../core/async/async-state';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/name-schema';
import type { AsyncInvocation } from '../../../drivers/async-queue/async-queue';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { storePage } from '../page-cursor';
import { asyncDetail, asyncDetailView, asyncSchema, asyncView } from './async-view';

const params = z.strictObject({ id: z.string().min(1).max(200) });

export function asyncRoutes(app: ApiApp, context: ApiContext): void {
  const { queue, bodies } = context.async;

  app.get(
    '/v1/async',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listAsync',
        tags: ['async'],
        summary: 'Asynchronous invocations, newest first; state=dead lists the dead letters',
        querystring: listQuery.extend({ function: nameSchema.optional(), state: z.enum(ASYNC_STATES).optional() }),
        response: answers({ 200: pageSchema(asyncSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { function: name, state, limit, cursor } = request.query;
      const filter = {
        tenant: callerOf(request).tenant,
        ...(name === undefined ? {} : { function: name }),
        ...(state === undefined ? {} : { state }),
      };
      return storePage({ limit, cursor }, (page) => queue.list({ ...filter, ...page }), asyncView);
    },
  );

  app.get(
    '/v1/async/:id',
    {
      config: { scope: 'invoke' },
      schema: {
        operationId: 'getAsync',
        tags: ['async'],
        summary: 'One asynchronous invocation: its state, its tries, its answer without the body',
        params,
        querystring: tenantQuery,
        response: answers({ 200: asyncDetail }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const found = await find(tenant, request.params.id);
      return asyncDetailView(found, found.endedAt ? await queue.result(tenant, found.id) : null);
    },
  );

  app.get(
    '/v1/async/:id/result',
    {
      config: { scope: 'invoke' },
      schema: {
        operationId: 'getAsyncResult',
        tags: ['async'],
        summary: 'The body of the answer; x-presage-status has its status',
        params,
        querystring: tenantQuery,
        response: answers(
          { 200: { description: 'The body', content: { 'application/octet-stream': { schema: z.any() } } } },
          ...KEYED,
          404,
          409,
        ),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const found = await find(tenant, request.params.id);
      if (!found.endedAt) throw notEnded(found);
      const result = await queue.result(tenant, found.id);
      if (!result || result.truncated) throw noAnswer(found);
      const stream = await bodies.open(result.body);
      const type = headerOf(result.headers, 'content-type') ?? 'application/octet-stream';
      const encoding = headerOf(result.headers, 'content-encoding');
      if (encoding !== undefined) void reply.header('content-encoding', encoding);
      return (
        reply
          .header('content-type', type)
          .header('x-presage-status', result.status)
          // It is a function's, on the address of the control API: a browser must not run it here.
          .header('content-security-policy', 'sandbox')
          .header('x-content-type-options', 'nosniff')
          .send(stream ?? Buffer.alloc(0))
      );
    },
  );

  for (const [verb, operationId, summary] of [
    ['cancel', 'cancelAsync', 'End one that has not ended; a try under way is broken off'],
    ['redrive', 'redriveAsync', 'Begin one anew that is dead, failed or cancelled'],
  ] as const) {
    app.post(
      `/v1/async/:id/${verb}`,
      {
        config: { scope: 'deploy' },
        schema: {
          operationId,
          tags: ['async'],
          summary,
          params,
          querystring: tenantQuery,
          response: answers({ 200: asyncSchema }, ...KEYED, 404, 409),
        },
      },
      async (request) => {
        const caller = callerOf(request);
        const { id } = request.params;
        const changed =
          verb === 'cancel' ? await queue.cancel(caller.tenant, id) : await queue.redrive(caller.tenant, id, context.now()); // prettier-ignore
        await tell(caller, changed, verb === 'cancel' ? 'async.cancelled' : 'async.redriven');
        return asyncView(changed);
      },
    );
  }

  async function find(tenant: string, id: string): Promise<AsyncInvocation> {
    const found = await queue.find(tenant, id);
    if (found) return found;
    throw new PlatformError('not_found', `There is no asynchronous invocation ${id}.`, {
      hint: 'They are removed when spec.async.resultsFor has passed.',
    });
  }

  async function tell({ tenant, principal }: Caller, { id, function: name }: AsyncInvocation, type: string) {
    const data = { invocation: id, key: principal.keyId };
    await context.store.writeEvents([{ at: context.now(), tenant, type, function: name, node: null, data }]);
  }
}

function notEnded({ id, state }: AsyncInvocation): PlatformError {
  return new PlatformError('conflict', `The invocation ${id} has not been answered yet: it is ${state}.`, {
    retryAfterSeconds: 1,
    hint: 'Ask again later; GET /v1/async/{id} tells when the next try is due.',
  });
}

function noAnswer({ id, reason }: AsyncInvocation): PlatformError {
  return new PlatformError('not_found', `The invocation ${id} has no answer${reason === null ? '' : `: ${reason}`}.`);
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((word, index) => index % 2 === 0 && word.toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1];
}
