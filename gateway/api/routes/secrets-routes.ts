import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { rewrapSecrets } from '../../../drivers/secrets/rewrap-secrets';
import { OPERATOR_TENANT } from '../access-guard';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { ascending, pageOf } from '../page-cursor';

/** An environment variable must fit it. */
const MAX_SECRET = 64 * 1024;
const params = z.strictObject({ name: nameSchema });
const secretSchema = z
  .object({ name: z.string(), updatedAt: instant })
  .meta({ id: 'Secret', description: 'Values never come back.' });

export type SecretView = z.output<typeof secretSchema>;

const rewrapSchema = z
  .object({
    dataKeys: z.number().int().describe('data keys wrapped by the new master key'),
    secrets: z.number().int().describe('secrets sealed anew'),
    failures: z.array(z.object({ tenant: z.string(), what: z.string(), message: z.string() })),
  })
  .meta({ id: 'Rewrap' });

export function secretsRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/secrets',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listSecrets',
        tags: ['secrets'],
        summary: 'Names of the secrets',
        querystring: listQuery,
        response: answers({ 200: pageSchema(secretSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const secrets = await store.secrets(callerOf(request).tenant);
      const order = { keyOf: (secret: (typeof secrets)[number]) => secret.name, compare: ascending };
      return pageOf('secrets', request.query, secrets, order, ({ name, updatedAt }) => ({
        name,
        updatedAt: updatedAt.toISOString(),
      }));
    },
  );

  app.put(
    '/v1/secrets/:name',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'putSecret',
        tags: ['secrets'],
        summary: 'Set a secret; instances started from now on see it',
        params,
        querystring: tenantQuery,
        body: z.strictObject({
          value: z
            .string()
            .max(MAX_SECRET)
            .refine((value) => !value.includes('\0'), 'must not hold a NUL'),
        }),
        response: answers({ 204: z.null().describe('Set') }, ...KEYED, 413),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { name } = request.params;
      const before = await boxOf(tenant, name);
      await context.vault.put(tenant, name, request.body.value);
      noteChange(request, { before, after: await boxOf(tenant, name) });
      await record(tenant, 'secret.set', { secret: name, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/v1/secrets/:name',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deleteSecret',
        tags: ['secrets'],
        summary: 'Delete a secret',
        params,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { name } = request.params;
      const before = await boxOf(tenant, name);
      if (!(await store.deleteSecret(tenant, name)))
        throw new PlatformError('not_found', `There is no secret ${name}.`);
      noteChange(request, { before, after: null });
      await record(tenant, 'secret.deleted', { secret: name, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/secrets/rewrap',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rewrapSecrets',
        tags: ['secrets'],
        summary: 'After a new master key: wrap the data keys of all tenants by it',
        description:
          'For platform operators. Where `failures` is empty, no previous master key is needed any more. May be repeated; ' +
          'secrets can be set and read meanwhile.',
        querystring: tenantQuery,
        body: z
          .strictObject({
            newDataKeys: z
              .boolean()
              .default(false)
              .describe('also give each tenant a new data key, and seal all under it'),
          })
          .nullish(),
        response: answers({ 200: rewrapSchema }, ...KEYED),
      },
    },
    async (request) => {
      if (!callerOf(request).operator) {
        throw new PlatformError('forbidden', 'Master keys are the business of platform operators.', {
          hint: `It needs an admin key of the tenant ${OPERATOR_TENANT}.`,
        });
      }
      const { newDataKeys = false } = request.body ?? {};
      const { dataKeys, secrets, failures } = await rewrapSecrets(store, context.vault, { newDataKeys });
      return {
        dataKeys,
        secrets,
        failures: failures.map(({ tenant, what, error }) => ({ tenant, what, message: error.message })),
      };
    },
  );

  /** Sealed: a digest of the value itself could be guessed at. */
  async function boxOf(tenant: string, name: string): Promise<Buffer | null> {
    return (await store.readSecrets(tenant, [name])).get(name) ?? null;
  }

  async function record(tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: context.now(), tenant, type, function: null, node: null, data }]);
  }
}
