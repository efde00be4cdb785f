import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import type { TenantRecord } from '../../../drivers/store/store';
import { OPERATOR_TENANT } from '../access-guard';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { ascending, pageOf } from '../page-cursor';

const tenantSchema = z.object({ id: z.string(), name: z.string(), createdAt: instant }).meta({ id: 'Tenant' });

function tenantView(record: TenantRecord): z.output<typeof tenantSchema> {
  return { id: record.id, name: record.name, createdAt: record.createdAt.toISOString() };
}

export function tenantsRoutes(app: ApiApp, { store }: ApiContext): void {
  app.get(
    '/v1/tenants',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listTenants',
        tags: ['tenants'],
        summary: 'All tenants for platform operators, for others their own',
        querystring: listQuery,
        response: answers({ 200: pageSchema(tenantSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { operator, tenant } = callerOf(request);
      const all = await store.tenants();
      const visible = operator ? all : all.filter((candidate) => candidate.name === tenant);
      return pageOf('tenants', request.query, visible, { keyOf: (item) => item.name, compare: ascending }, tenantView);
    },
  );

  app.post(
    '/v1/tenants',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createTenant',
        tags: ['tenants'],
        summary: 'Make a tenant; its first key comes from POST /v1/keys?tenant={name}',
        querystring: tenantQuery,
        body: z.strictObject({ name: nameSchema }).meta({ example: { name: 'acme' } }),
        response: answers({ 200: tenantSchema.describe('It was there already'), 201: tenantSchema }, ...KEYED),
      },
    },
    async (request, reply) => {
      const { name } = request.body;
      if (!callerOf(request).operator) {
        throw new PlatformError(
          'forbidden',
          `Tenants are made by platform operators: admin keys of the tenant ${OPERATOR_TENANT}.`,
        );
      }
      const known = (await store.tenants()).find((tenant) => tenant.name === name);
      const tenant = tenantView(await store.ensureTenant(name));
      noteChange(request, { before: known ? tenantView(known) : null, after: tenant });
      return reply.code(known ? 200 : 201).send(tenant);
    },
  );
}
