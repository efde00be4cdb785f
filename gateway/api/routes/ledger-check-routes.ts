import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { COST_COMPONENTS } from '../../../core/cost/price-table';
import { keepLedgerInput, type KeepLedgerInput } from '../../../core/control/workflow-inputs';
import { PlatformError } from '../../../core/error/platform-error';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';

const dollars = z.string().describe('dollars, to the last digit');
const comparedSchema = z.object({
  from: instant,
  to: instant,
  calls: z.number().int(),
  sums: z.number().int().describe('of a function, minute and component, that were compared'),
  differences: z.number().int(),
  unpriced: z
    .number()
    .int()
    .describe('records that name a price table which nobody has kept: such calls are not charged'),
  examples: z.array(
    z.object({
      tenant: z.string(),
      functionId: z.string(),
      minute: instant,
      component: z.enum(COST_COMPONENTS),
      recorded: dollars,
      charged: dollars,
    }),
  ),
});
/** What the workflow gives back. */
export const ledgerResultSchema = z.object({ checked: comparedSchema });
const checkSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    error: z.string().nullable(),
    result: comparedSchema.nullable(),
  })
  .meta({ id: 'LedgerCheck' });
export type LedgerCheckView = z.output<typeof checkSchema>;

/** Ids of this API's own checks; a tenant is asked for its own only. */
const PREFIX = 'check-ledger';

/** Compares what a tenant is charged with the records that it comes from. */
export function ledgerCheckRoutes(app: ApiApp, { workflows }: ApiContext): void {
  app.post(
    '/v1/cost/ledger/checks',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'checkLedger',
        tags: ['cost'],
        summary:
          'Reckon records anew, of calls, idle memory and checkpoints, and compare them with the ledger; the result comes from GET of its id',
        querystring: tenantQuery,
        body: keepLedgerInput
          .omit({ tenant: true, check: true })
          .meta({ example: { window: '24h' } })
          .nullish(),
        response: answers({ 202: z.object({ id: z.string(), workflowId: z.string() }) }, ...KEYED),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const input: KeepLedgerInput = request.body ?? {};
      const id = randomUUID();
      const workflowId = `${PREFIX}/${tenant}/${id}`;
      await workflows.startLedgerCheck(workflowId, { ...input, check: true, tenant });
      return reply.code(202).send({ id, workflowId });
    },
  );

  app.get(
    '/v1/cost/ledger/checks/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getLedgerCheck',
        tags: ['cost'],
        summary: 'What a check has found: sums that are not what the records come to',
        params: z.strictObject({ id: z.uuid() }),
        querystring: tenantQuery,
        response: answers({ 200: checkSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { id } = request.params;
      const found = await workflows.judged(`${PREFIX}/${tenant}/${id}`);
      if (!found) {
        throw new PlatformError('not_found', `There is no check ${id}.`, {
          hint: 'Checks are kept as long as Temporal keeps their workflows.',
        });
      }
      const { state, error } = found;
      return { id, state, error, result: state === 'done' ? ledgerResultSchema.parse(found.result).checked : null };
    },
  );
}
