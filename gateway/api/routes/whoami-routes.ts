import { z } from 'zod';
import { callerOf, type ApiApp } from '../api-app';
import { SCOPES } from '../api-context';
import { answers, KEYED, tenantQuery } from '../api-schemas';

const whoamiSchema = z
  .object({
    tenant: z.string().describe('that it acts for'),
    scopes: z.array(z.enum(SCOPES)).describe('admin holds the others; none: it may do nothing'),
    credential: z.enum(['key', 'token']),
    keyId: z.string().describe('id of the key, or issuer#subject of the token'),
    operator: z.boolean().describe('may it name another tenant by ?tenant=?'),
  })
  .meta({ id: 'WhoAmI' });

export type WhoAmI = z.output<typeof whoamiSchema>;

/** Who asks, for whoever has a key and does not know what it may do. */
export function whoamiRoutes(app: ApiApp): void {
  app.get(
    '/v1/whoami',
    {
      config: { scope: 'any' },
      schema: {
        operationId: 'whoami',
        tags: ['keys'],
        summary: 'Whose key or token this is, and what it may do',
        querystring: tenantQuery,
        response: answers({ 200: whoamiSchema }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant, operator, principal } = callerOf(request);
      const { credential, keyId } = principal;
      return {
        tenant,
        scopes: SCOPES.filter((scope) => principal.scopes.includes(scope)),
        credential,
        keyId,
        operator,
      };
    },
  );
}
