import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { sealSecret, SECRET_NONCE_BYTES } from '../../../core/crypto/secret-box';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { ascending, pageOf } from '../page-cursor';

/** An environment variable must fit it. */
const MAX_SECRET = 64 * 1024;
const params = z.strictObject({ name: nameSchema });
const secretSchema = z
  .object({ name: z.string(), updatedAt: instant })
  .meta({ id: 'Secret', description: 'Values never come back.' });

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
      await store.putSecret(
        tenant,
        name,
        sealSecret(context.masterKey, tenant, name, request.body.value, randomBytes(SECRET_NONCE_BYTES)),
      );
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
      if (!(await store.deleteSecret(tenant, name)))
        throw new PlatformError('not_found', `There is no secret ${name}.`);
      await record(tenant, 'secret.deleted', { secret: name, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  async function record(tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: context.now(), tenant, type, function: null, node: null, data }]);
  }
}
