import { z } from 'zod';
import { keyLimitsSchema, tenantLimitsSchema } from '../../../core/admission/limits';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import type { LimitRecord } from '../../../drivers/store/limit-store';
import { OPERATOR_TENANT } from '../access-guard';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';

const tenantParams = z.strictObject({ tenant: nameSchema });
const keyParams = z.strictObject({ id: z.string().min(1).max(100) });
const updatedAt = instant.nullable().describe('null: never set, the gateway’s configuration holds');
const tenantView = tenantLimitsSchema.extend({ updatedAt }).meta({ id: 'TenantLimits' });
const keyView = keyLimitsSchema.extend({ updatedAt }).meta({ id: 'KeyLimits' });
const TAGS = ['limits'];

/** Limits of tenants, which operators set, and of keys, which the admins of their tenant set within those. */
export function limitsRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/tenants/:tenant/limits',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTenantLimits',
        tags: TAGS,
        summary: 'What the tenant may do at each gateway, where it was set',
        params: tenantParams,
        querystring: tenantQuery,
        response: answers({ 200: tenantView }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = request.params;
      await visibleTenant(callerOf(request), tenant);
      return viewOf(await find(tenant, null));
    },
  );

  app.put(
    '/v1/tenants/:tenant/limits',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'putTenantLimits',
        tags: TAGS,
        summary: 'Set what the tenant may do; what is left out is as the gateways are configured',
        params: tenantParams,
        querystring: tenantQuery,
        body: tenantLimitsSchema.meta({
          example: { rate: { requests: 1000, window: '1s' }, maxInFlight: 200, weight: 2 },
        }),
        response: answers({ 200: tenantView }, ...KEYED, 404),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { tenant } = request.params;
      mustOperate(caller);
      await visibleTenant(caller, tenant);
      await store.putLimits(tenant, null, request.body);
      await record(caller, tenant, 'limits.set', { limits: request.body });
      return viewOf(await find(tenant, null));
    },
  );

  app.delete(
    '/v1/tenants/:tenant/limits',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'deleteTenantLimits',
        tags: TAGS,
        summary: 'Let the gateways’ configuration hold for the tenant again',
        params: tenantParams,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { tenant } = request.params;
      mustOperate(caller);
      await visibleTenant(caller, tenant);
      if (!(await store.deleteLimits(tenant, null))) throw noLimits(`the tenant ${tenant}`);
      await record(caller, tenant, 'limits.deleted', {});
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/keys/:id/limits',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'getKeyLimits',
        tags: TAGS,
        summary: 'What the key may do, where it was set',
        params: keyParams,
        querystring: tenantQuery,
        response: answers({ 200: keyView }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      await mustHaveKey(tenant, request.params.id);
      return viewOf(await find(tenant, request.params.id));
    },
  );

  app.put(
    '/v1/keys/:id/limits',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'putKeyLimits',
        tags: TAGS,
        summary: 'Set what the key may do; the limits of its tenant hold all the same',
        params: keyParams,
        querystring: tenantQuery,
        body: keyLimitsSchema.meta({ example: { rate: { requests: 100, window: '1s' } } }),
        response: answers({ 200: keyView }, ...KEYED, 404),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { id } = request.params;
      await mustHaveKey(caller.tenant, id);
      await store.putLimits(caller.tenant, id, request.body);
      await record(caller, caller.tenant, 'limits.set', { of: id, limits: request.body });
      return viewOf(await find(caller.tenant, id));
    },
  );

  app.delete(
    '/v1/keys/:id/limits',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'deleteKeyLimits',
        tags: TAGS,
        summary: 'Let the tenant’s keyRate hold for the key again',
        params: keyParams,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      await mustHaveKey(caller.tenant, id);
      if (!(await store.deleteLimits(caller.tenant, id))) throw noLimits(`the key ${id}`);
      await record(caller, caller.tenant, 'limits.deleted', { of: id });
      return reply.code(204).send(null);
    },
  );

  async function find(tenant: string, keyId: string | null): Promise<LimitRecord | undefined> {
    return (await store.limits()).find((record) => record.tenant === tenant && record.keyId === keyId);
  }

  /** Another tenant's is as little there as one that does not exist. */
  async function visibleTenant({ tenant, operator }: Caller, wanted: string): Promise<void> {
    const known = (operator || tenant === wanted) && (await store.tenants()).some(({ name }) => name === wanted);
    if (!known) throw new PlatformError('not_found', `There is no tenant ${wanted}.`);
  }

  async function mustHaveKey(tenant: string, id: string): Promise<void> {
    const keys = await store.apiKeys(tenant);
    if (!keys.some((key) => key.id === id && key.revokedAt === null)) {
      throw new PlatformError('not_found', `There is no key ${id} in use.`);
    }
  }

  async function record(caller: Caller, tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    const entry = { at: context.now(), tenant, type, function: null, node: null };
    await store.writeEvents([{ ...entry, data: { ...data, key: caller.principal.keyId } }]);
  }
}

function viewOf(record: LimitRecord | undefined): z.output<typeof tenantView> {
  return { ...record?.limits, updatedAt: record?.updatedAt.toISOString() ?? null };
}

function mustOperate({ operator }: Caller): void {
  if (operator) return;
  throw new PlatformError(
    'forbidden',
    `Limits of tenants are set by platform operators: admin keys of the tenant ${OPERATOR_TENANT}.`,
  );
}

function noLimits(whose: string): PlatformError {
  return new PlatformError('not_found', `No limits are set for ${whose}.`);
}
