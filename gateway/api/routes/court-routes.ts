import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MEMORY_STATES } from '../../../core/court/memory-meter';
import { judgePoliciesInput, type JudgePoliciesInput } from '../../../core/control/workflow-inputs';
import { PlatformError } from '../../../core/error/platform-error';
import { START_CAUSES, START_KINDS } from '../../../core/start/start';
import { traceparentOf } from '../../tracing/api-traces';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const share = z.number().describe('0 to 1');
const tally = {
  calls: z.number().int(),
  kinds: z.record(z.enum(START_KINDS), z.number().int()),
  causes: z.partialRecord(z.enum(START_CAUSES), z.number().int()),
  coldShare: share.describe('of the calls that found no instance: restores and cold starts'),
  waitP50Ms: z.number(),
  waitP99Ms: z.number(),
  waitedSeconds: z.number(),
  memoryGbSeconds: z.record(z.enum(MEMORY_STATES), z.number()),
  price: z
    .object({ holding: z.number(), waiting: z.number(), total: z.number() })
    .describe('micro-dollars: of what was held beside serving, and of what callers waited'),
};
const reportSchema = z.object({
  policy: z.string(),
  ...tally,
  coldShareOfFunctions: z.object({ mean: share, p50: share, p75: share }),
  evicted: z.number().int(),
  functions: z.array(z.object({ id: z.string().describe('tenant/function'), ...tally })).describe('the dearest'),
});
/** What the workflow gives back. */
export const courtResultSchema = z.object({ from: instant, to: instant, policies: z.array(reportSchema) });
const caseSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    error: z.string().nullable(),
    result: courtResultSchema.nullable(),
  })
  .meta({ id: 'CourtCase' });

const listedSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    startedAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'CourtCaseSummary' });
export type CourtCaseView = z.output<typeof caseSchema>;
export type CourtSummaryView = z.output<typeof listedSchema>;
const SHOWN_CASES = 50;

/** Ids of this API's own cases; a tenant is asked for its own only. */
const PREFIX = 'court';

/** Replays what was recorded under other policies, before one is put in force. */
export function courtRoutes(app: ApiApp, context: ApiContext): void {
  const { workflows } = context;

  app.post(
    '/v1/warming/court',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'openCourt',
        tags: ['warming'],
        summary: 'Replay the tenant’s recorded calls under policies; the result comes from GET of its id',
        querystring: tenantQuery,
        body: judgePoliciesInput
          .omit({ tenant: true, apply: true })
          .meta({ example: { window: '24h', policies: ['presage', 'fixed:10m'] } })
          .nullish(),
        response: answers({ 202: z.object({ id: z.string(), workflowId: z.string() }) }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const input: JudgePoliciesInput = request.body ?? {};
      for (const name of input.functions ?? []) await findFunction(context, tenant, name);
      const id = randomUUID();
      const workflowId = `${PREFIX}/${tenant}/${id}`;
      await workflows.within(traceparentOf(request)).startJudge(workflowId, { ...input, tenant });
      return reply.code(202).send({ id, workflowId });
    },
  );

  app.get(
    '/v1/warming/court',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listCourt',
        tags: ['warming'],
        summary: `The tenant’s last ${SHOWN_CASES} cases, the newest first`,
        querystring: tenantQuery,
        response: answers({ 200: z.object({ items: z.array(listedSchema) }) }, ...KEYED),
      },
    },
    async (request) => {
      const prefix = `${PREFIX}/${callerOf(request).tenant}/`;
      const cases = await workflows.list({ prefix, limit: SHOWN_CASES });
      const items = cases.map(({ workflowId, state, startedAt, endedAt }) => ({
        id: workflowId.slice(prefix.length),
        state,
        startedAt: startedAt.toISOString(),
        endedAt: endedAt?.toISOString() ?? null,
      }));
      return { items };
    },
  );

  app.get(
    '/v1/warming/court/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCourt',
        tags: ['warming'],
        summary: 'What policies had cost in a window: cold shares, waits, memory-time and prices side by side',
        params: z.strictObject({ id: z.uuid() }),
        querystring: tenantQuery,
        response: answers({ 200: caseSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { id } = request.params;
      const found = await workflows.judged(`${PREFIX}/${tenant}/${id}`);
      if (!found) {
        throw new PlatformError('not_found', `There is no case ${id}.`, {
          hint: 'Cases are kept as long as Temporal keeps their workflows.',
        });
      }
      const { state, error } = found;
      return { id, state, error, result: state === 'done' ? courtResultSchema.parse(found.result) : null };
    },
  );
}
