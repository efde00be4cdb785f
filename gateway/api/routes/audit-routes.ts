import { z } from 'zod';
import { AUDIT_OUTCOMES, type AuditRecord } from '../../../drivers/store/audit-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema } from '../api-schemas';
import { storePage } from '../page-cursor';

const auditSchema = z
  .object({
    id: z.string(),
    at: instant,
    tenant: z.string().nullable().describe('null: nobody knows who asked'),
    principal: z.string().nullable().describe('id of an API key, or issuer#subject of a token'),
    action: z.string().describe('operationId of the request').meta({ example: 'putSecret' }),
    resource: z.string().meta({ example: '/v1/secrets/token' }),
    before: z.string().nullable().describe('digest of the resource before; null where there was none'),
    after: z.string().nullable(),
    requestId: z.string(),
    address: z.string(),
    outcome: z.enum(AUDIT_OUTCOMES),
    status: z.number().int(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditView = z.output<typeof auditSchema>;

function auditView(record: AuditRecord): AuditView {
  return { ...record, at: record.at.toISOString() };
}

export function auditRoutes(app: ApiApp, { store }: ApiContext): void {
  app.get(
    '/v1/audit',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Who changed what, and who tried to; newest first',
        description:
          'Every changing request that was allowed, refused (401, 403) or broke off on our side. Of refused ones only so many ' +
          'a minute are kept. Entries cannot be changed. `all=true` gives platform operators those of every tenant and of nobody.',
        querystring: listQuery.extend({
          action: z.string().max(100).optional(),
          principal: z.string().max(500).optional(),
          resource: z.string().max(512).optional().describe('beginning of the path, e.g. /v1/secrets/'),
          outcome: z.enum(AUDIT_OUTCOMES).optional(),
          since: z.iso.datetime().optional().describe('inclusive'),
          until: z.iso.datetime().optional().describe('exclusive'),
          all: z.stringbool().default(false).describe('platform operators only; others get their own tenant’s'),
        }),
        response: answers({ 200: pageSchema(auditSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { all, since, until, limit, cursor, action, principal, resource, outcome } = request.query;
      const query = {
        tenant: all && caller.operator ? null : caller.tenant,
        ...(action === undefined ? {} : { action }),
        ...(principal === undefined ? {} : { principal }),
        ...(resource === undefined ? {} : { resource }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(since === undefined ? {} : { since: new Date(since) }),
        ...(until === undefined ? {} : { until: new Date(until) }),
      };
      return storePage({ limit, cursor }, (page) => store.audit({ ...query, ...page }), auditView);
    },
  );
}
