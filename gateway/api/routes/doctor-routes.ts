import { z } from 'zod';
import { examine } from '../../../core/doctor/examine';
import { FINDING_STATES } from '../../../core/doctor/finding';
import type { ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { requireOperator } from '../require-operator';
import type { Scrapes } from '../scrapes';

const findingSchema = z
  .object({
    id: z.string().meta({ example: 'postgres-backup' }),
    title: z.string(),
    state: z.enum(FINDING_STATES),
    detail: z.string().describe('what was found'),
    means: z.string().describe('what that means; empty where all is well'),
    mend: z.string().describe('how to mend it; empty where all is well'),
  })
  .meta({ id: 'Finding' });

/** Is this installation fit for production? */
export function doctorRoutes(app: ApiApp, context: ApiContext, scrapes: Scrapes): void {
  app.get(
    '/v1/doctor',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'doctor',
        tags: ['health'],
        summary: 'Whether the installation is fit for production, check by check; for platform operators',
        description: 'Looks at everything anew: PostgreSQL, Temporal, every agent, the webhooks of budgets.',
        querystring: tenantQuery,
        response: answers(
          { 200: z.object({ at: instant, version: z.string(), findings: z.array(findingSchema) }) },
          ...KEYED,
        ),
      },
    },
    async (request) => {
      requireOperator(request, 'The installation is looked at');
      const installation = { ...(await context.installation()), scrapedAt: scrapes.last };
      return {
        at: installation.at.toISOString(),
        version: installation.version,
        findings: examine(installation).map((finding) => ({ ...finding })),
      };
    },
  );
}
