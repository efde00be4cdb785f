import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { API_KEY_RANDOM_BYTES, newApiKey } from '../../../core/crypto/api-key';
import { PlatformError } from '../../../core/error/platform-error';
import type { ApiKeyRecord } from '../../../drivers/store/identity-store';
import { callerOf, type ApiApp } from '../api-app';
import { SCOPES, type ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { ascending, pageOf } from '../page-cursor';

const WEEK_SECONDS = 7 * 86_400;
const DAY_SECONDS = 86_400;

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('first characters of the key after psk_'),
    scopes: z.array(z.string()),
    createdAt: instant,
    expiresAt: instant.nullable().describe('null: never'),
    lastUsedAt: instant.nullable().describe('to the minute or so; null: never used'),
    rotatedAt: instant.nullable(),
    previousUntil: instant.nullable().describe('until when the secret before the last rotation works too'),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type KeyView = z.output<typeof keySchema>;
const newKeySchema = keySchema.extend({ key: z.string().describe('shown this once') }).meta({ id: 'NewApiKey' });
export type NewKeyView = z.output<typeof newKeySchema>;
const params = z.strictObject({ id: z.string().min(1).max(100) });
const expiresAt = z.iso.datetime().nullable().describe('when it stops working; null: never');
const createBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).describe('admin holds the others'),
    expiresAt: expiresAt.default(null),
  })
  .meta({ example: { name: 'ci', scopes: ['deploy', 'read'] } });
const rotateBody = z
  .strictObject({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(WEEK_SECONDS)
      .default(DAY_SECONDS)
      .describe('how long the secret it had works on'),
    expiresAt: expiresAt.optional().describe('left out: as it was'),
  })
  .nullish();

function keyView(record: ApiKeyRecord): KeyView {
  const { id, name, prefix, scopes } = record;
  const time = (date: Date | null): string | null => date?.toISOString() ?? null;
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    createdAt: record.createdAt.toISOString(),
    expiresAt: time(record.expiresAt),
    lastUsedAt: time(record.lastUsedAt),
    rotatedAt: time(record.rotatedAt),
    previousUntil: time(record.previousUntil),
    revokedAt: time(record.revokedAt),
  };
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
        body: createBody,
        response: answers({ 201: newKeySchema }, ...KEYED),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
      const scopes = [...new Set(request.body.scopes)];
      const expires = expiryOf(request.body.expiresAt);
      const made = await store.createApiKey({ tenant, name: request.body.name, prefix, hash, scopes, expiresAt: expires }); // prettier-ignore
      noteChange(request, { before: null, after: keyView(made) });
      await record(tenant, 'key.created', { created: made.id, scopes, key: principal.keyId });
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(made), key });
    },
  );

  app.post(
    '/v1/keys/:id/rotate',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'rotateKey',
        tags: ['keys'],
        summary: 'Give a key a new secret; the one it had works on for a while',
        description:
          'Id, name and scopes stay. The new secret is shown in this answer and never again. Of two rotations within the ' +
          'overlap the older secret ends at once.',
        params,
        querystring: tenantQuery,
        body: rotateBody,
        response: answers({ 200: newKeySchema }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { overlapSeconds = DAY_SECONDS, expiresAt: newExpiry } = request.body ?? {};
      const before = await keyInUse(tenant, request.params.id);
      const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
      const previousUntil = new Date(context.now().getTime() + overlapSeconds * 1000);
      const expiry = newExpiry === undefined ? {} : { expiresAt: expiryOf(newExpiry) };
      const turned = await store.rotateApiKey(tenant, before.id, { prefix, hash, previousUntil, ...expiry });
      if (!turned) throw noSuchKey(before.id);
      noteChange(request, { before: keyView(before), after: keyView(turned) });
      await record(tenant, 'key.rotated', { rotated: before.id, key: principal.keyId });
      return reply.header('cache-control', 'no-store').send({ ...keyView(turned), key });
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
        params,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Revoked') }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const key = await keyInUse(tenant, request.params.id);
      if (await isLastAdmin(tenant, key)) {
        throw new PlatformError(
          'conflict',
          'This is the last admin key of the tenant: without it nobody could make another.',
          { hint: 'Make a new admin key first: POST /v1/keys {"name": …, "scopes": ["admin"]}.' },
        );
      }
      await store.revokeApiKey(tenant, key.id);
      noteChange(request, { before: keyView(key), after: null });
      await record(tenant, 'key.revoked', { revoked: key.id, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  async function keyInUse(tenant: string, id: string): Promise<ApiKeyRecord> {
    const key = (await store.apiKeys(tenant)).find((candidate) => candidate.id === id && candidate.revokedAt === null);
    if (!key) throw noSuchKey(id);
    return key;
  }

  /** One that ends by itself does not stand in for one that stays. */
  async function isLastAdmin(tenant: string, key: ApiKeyRecord): Promise<boolean> {
    if (!key.scopes.includes('admin')) return false;
    const left = (await store.apiKeys(tenant)).filter(
      (other) =>
        other.id !== key.id &&
        other.revokedAt === null &&
        other.scopes.includes('admin') &&
        (other.expiresAt === null || (key.expiresAt !== null && other.expiresAt > context.now())),
    );
    return left.length === 0;
  }

  function expiryOf(text: string | null): Date | null {
    if (text === null) return null;
    const expires = new Date(text);
    if (expires > context.now()) return expires;
    throw new PlatformError('invalid_argument', 'A key cannot expire in the past.', {
      problems: [{ path: 'expiresAt', message: 'is past' }],
    });
  }

  async function record(tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: context.now(), tenant, type, function: null, node: null, data }]);
  }
}

function noSuchKey(id: string): PlatformError {
  return new PlatformError('not_found', `There is no key ${id} in use.`);
}
