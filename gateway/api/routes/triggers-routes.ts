import { z } from 'zod';
import { parseCron } from '../../../core/function/cron';
import { nextTick } from '../../../core/function/next-tick';
import type { TriggerSpec } from '../../../core/function/trigger-spec';
import { nameSchema } from '../../../core/function/name-schema';
import { asyncLocation } from '../../async/async-door';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const triggerSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['cron', 'webhook']),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    nextAt: instant.nullable().describe('of a cron expression'),
    path: z.string().describe('what the function sees'),
    url: z.string().nullable().describe('of a webhook, below the address of the gateway; whoever knows it may call it'),
    signed: z.boolean().describe('calls must be signed with a secret'),
  })
  .meta({ id: 'Trigger' });
export type TriggerView = z.output<typeof triggerSchema>;
const acceptedSchema = z.object({ id: z.string(), location: z.string() }).meta({ id: 'AcceptedInvocation' });

/** The triggers of a function, and the door that webhooks come in by. */
export async function triggersRoutes(app: ApiApp, context: ApiContext): Promise<void> {
  const { webhooks } = context.async;

  app.get(
    '/v1/functions/:name/triggers',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'listTriggers',
        tags: ['async'],
        summary: 'Times and URLs that invoke the live revision of a function',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 200: z.object({ items: z.array(triggerSchema) }) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const live = (await context.store.aliases(fn.id)).find((alias) => alias.name === 'live');
      const most = [...(live?.weights ?? [])].sort((a, b) => b.weight - a.weight)[0];
      const revision = most && (await context.store.findRevision(fn.id, most.revision));
      const name = { tenant: fn.tenant, function: fn.name, functionId: fn.id };
      const triggers = (revision?.manifest.spec as { triggers?: readonly TriggerSpec[] } | undefined)?.triggers ?? [];
      return { items: triggers.map((trigger) => view(trigger, webhooks.pathOf(name, trigger.name))) };
    },
  );

  await app.register(async (scope: ApiApp) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post(
      '/hooks/:tenant/:function/:trigger/:token',
      {
        config: { scope: 'open' },
        // The door itself bounds what it takes, by gateway.maxBody.
        bodyLimit: Number.MAX_SAFE_INTEGER,
        schema: {
          operationId: 'callWebhook',
          tags: ['async'],
          summary: 'Invoke a function by one of its webhooks; any body',
          security: [],
          params: z.strictObject({
            tenant: nameSchema,
            function: nameSchema,
            trigger: nameSchema,
            token: z.string().max(100),
          }),
          response: answers({ 202: acceptedSchema }, 402, 403, 404, 409, 413, 422, 503, 507),
        },
      },
      async (request, reply) => {
        const query = request.raw.url?.split('?').slice(1).join('?') ?? '';
        const id = await webhooks.accept(request.raw, request.params, query);
        return reply
          .code(202)
          .header('location', asyncLocation(id))
          .send({ id, location: asyncLocation(id) });
      },
    );
  });

  function view(trigger: TriggerSpec, url: string): z.output<typeof triggerSchema> {
    const { cron, timeZone } = trigger;
    const next = cron === undefined ? null : nextTick(parseCron(cron), timeZone, context.now().getTime());
    return {
      name: trigger.name,
      kind: cron === undefined ? 'webhook' : 'cron',
      cron: cron ?? null,
      timeZone: cron === undefined ? null : timeZone,
      nextAt: next === null ? null : new Date(next).toISOString(),
      path: trigger.path,
      url: trigger.webhook ? url : null,
      signed: trigger.webhook?.secret !== undefined,
    };
  }
}
