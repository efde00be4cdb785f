import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { API_KEY_RANDOM_BYTES, newApiKey } from '../../../core/crypto/api-key';
import { PlatformError } from '../../../core/error/platform-error';
import type { ApiKeyRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import { SCOPES, type ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { ascending, pageOf } from '../page-cursor';

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('first characters of the key after psk_'),
    scopes: z.array(z.string()),
    createdAt: instant,
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
const newKeySchema = keySchema.extend({ key: z.string().describe('shown this once') }).meta({ id: 'NewApiKey' });
const body = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).describe('admin holds the others'),
  })
  .meta({ example: { name: 'ci', scopes: ['deploy', 'read'] } });

function keyView(record: ApiKeyRecord): z.output<typeof keySchema> {
  const { id, name, prefix, scopes } = record;
  const revokedAt = record.revokedAt?.toISOString() ?? null;
  return { id, name, prefix, scopes: [...scopes], createdAt: record.createdAt.toISOString(), revokedAt };
}

export function keysRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/keys',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listKeys',
        tags: ['keys'],
        summary: 'API keys of the tenant; of the keys themselves only the first characters',
        querystring: listQuery,
        response: answers({ 200: pageSchema(keySchema) }, ...KEYED),
      },
    },
    async (request) => {
      const order = { keyOf: (key: ApiKeyRecord) => `${key.createdAt.toISOString()} ${key.id}`, compare: ascending };
      return pageOf('keys', request.query, await store.apiKeys(callerOf(request).tenant), order, keyView);
    },
  );

  app.post(
    '/v1/keys',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createKey',
        tags: ['keys'],
        summary: 'Make an API key; it is shown in this answer and never again',
        querystring: tenantQuery,
        body,
        response: answers({ 201: newKeySchema }, ...KEYED),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
      const scopes = [...new Set(request.body.scopes)];
      const made = await store.createApiKey({ tenant, name: request.body.name, prefix, hash, scopes });
      await record(tenant, 'key.created', { created: made.id, scopes, key: principal.keyId });
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(made), key });
    },
  );

  app.delete(
    '/v1/keys/:id',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'revokeKey',
        tags: ['keys'],
        summary: 'Revoke a key; gateways stop taking it within seconds',
        params: z.strictObject({ id: z.string().min(1).max(100) }),
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Revoked') }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const alive = (await store.apiKeys(tenant)).filter((key) => key.revokedAt === null);
      const key = alive.find((candidate) => candidate.id === request.params.id);
      if (!key) throw new PlatformError('not_found', `There is no key ${request.params.id} in use.`);
      const admins = alive.filter((candidate) => candidate.scopes.includes('admin'));
      if (admins.length === 1 && admins[0] === key) {
        throw new PlatformError(
          'conflict',
          'This is the last admin key of the tenant: without it nobody could make another.',
          {
            hint: 'Make a new admin key first: POST /v1/keys {"name": …, "scopes": ["admin"]}.',
          },
        );
      }
      await store.revokeApiKey(tenant, key.id);
      await record(tenant, 'key.revoked', { revoked: key.id, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  async function record(tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: context.now(), tenant, type, function: null, node: null, data }]);
  }
}
