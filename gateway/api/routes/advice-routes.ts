import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { adviseCostsInput, applyAdviceInput, applyAdviceWorkflowId } from '../../../core/control/workflow-inputs';
import { adviceIdSchema, STRATEGIES } from '../../../core/cost/advice/strategies';
import { PlatformError } from '../../../core/error/platform-error';
import { ADVICE_STATES, type AdviceRecord, type AdviceState } from '../../../drivers/store/advice-store';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, tenantQuery } from '../api-schemas';
import { noteChange, noteUnchanged } from '../audit/change-note';
import { adviceSchema, adviceView } from './advice-view';

const TAGS = ['cost'];
const PREFIX = 'advise';
const params = z.strictObject({ id: adviceIdSchema });
const stateSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    error: z.string().nullable(),
    from: instant.nullable(),
    to: instant.nullable(),
    found: z.number().int().nullable(),
  })
  .meta({ id: 'CostSearch' });
export type CostSearchView = z.output<typeof stateSchema>;
const ended = z.object({ from: z.string(), to: z.string(), found: z.number().int() });
const startedSchema = z.object({ id: z.string(), workflowId: z.string() });
/** One that may be applied, or applied again. */
const APPLICABLE: readonly AdviceState[] = ['open', 'reverted', 'failed'];

/** What could be saved, on which evidence; applying it, and taking it back. */
export function adviceRoutes(app: ApiApp, { store, workflows }: ApiContext): void {
  /** Operators see everybody's, and what concerns the whole platform, unless they act for one tenant. */
  const scopeOf = ({ operator, tenant }: Caller, named: string | undefined): string | null =>
    operator && named === undefined ? null : tenant;
  /** @throws PlatformError not_found, also for another tenant's */
  const found = async (id: string, tenant: string | null): Promise<AdviceRecord> => {
    const advice = await store.findAdvice(id);
    if (advice && (tenant === null || advice.tenant === tenant)) return advice;
    throw new PlatformError('not_found', `There is no recommendation ${id}.`, {
      hint: 'GET /v1/cost/recommendations lists them; those that no longer hold are gone.',
    });
  };

  app.get(
    '/v1/cost/recommendations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listCostRecommendations',
        tags: TAGS,
        summary: 'What could be saved, the greatest saving first, with evidence, price and undo',
        querystring: tenantQuery.extend({
          strategy: z.enum(STRATEGIES).optional(),
          state: z.enum(ADVICE_STATES).optional().describe('default: all'),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: answers({ 200: z.object({ items: z.array(adviceSchema) }) }, ...KEYED),
      },
    },
    async (request) => {
      const { strategy, state, limit, tenant } = request.query;
      const rows = await store.advice({
        tenant: scopeOf(callerOf(request), tenant),
        ...(state === undefined ? {} : { states: [state] }),
      });
      const items = rows.filter((row) => strategy === undefined || row.strategy === strategy).slice(0, limit);
      return { items: items.map(adviceView) };
    },
  );

  app.post(
    '/v1/cost/recommendations',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'findCostRecommendations',
        tags: TAGS,
        summary: 'Look for savings now, for the tenant’s functions (operators: everything)',
        querystring: tenantQuery,
        body: adviseCostsInput
          .omit({ tenant: true })
          .meta({ example: { window: '24h' } })
          .nullish(),
        response: answers({ 202: startedSchema }, ...KEYED),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const tenant = scopeOf(caller, request.query.tenant);
      const id = randomUUID();
      const workflowId = `${PREFIX}/${caller.tenant}/${id}`;
      if (request.body?.dryRun) noteUnchanged(request);
      await workflows.startAdvise(workflowId, { ...request.body, ...(tenant === null ? {} : { tenant }) });
      return reply.code(202).send({ id, workflowId });
    },
  );

  app.get(
    '/v1/cost/searches/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCostSearch',
        tags: TAGS,
        summary: 'How far a search for savings is',
        params: z.strictObject({ id: z.uuid() }),
        querystring: tenantQuery,
        response: answers({ 200: stateSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { id } = request.params;
      const search = await workflows.judged(`${PREFIX}/${callerOf(request).tenant}/${id}`);
      if (!search) {
        throw new PlatformError('not_found', `There is no search ${id}.`, {
          hint: 'Searches are kept as long as Temporal keeps their workflows.',
        });
      }
      const { state, error, result } = search;
      const done = ended.safeParse(result);
      const { from = null, to = null, found: count = null } = done.data ?? {};
      return { id, state, error, from, to, found: count };
    },
  );

  app.get(
    '/v1/cost/recommendations/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getCostRecommendation',
        tags: TAGS,
        summary: 'A recommendation: evidence, saving, change, undo, and what became of it',
        params,
        querystring: tenantQuery,
        response: answers({ 200: adviceSchema }, ...KEYED, 404),
      },
    },
    async (request) => adviceView(await found(request.params.id, scopeOf(callerOf(request), request.query.tenant))),
  );

  app.post(
    '/v1/cost/recommendations/:id/apply',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'applyCostRecommendation',
        tags: TAGS,
        summary: 'Apply it; after a window it is judged, and taken back if it lost',
        params,
        querystring: tenantQuery,
        body: applyAdviceInput
          .pick({ window: true })
          .meta({ example: { window: '1h' } })
          .nullish(),
        response: answers({ 202: startedSchema }, ...KEYED, 404, 412),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const advice = await found(id, scopeOf(caller, request.query.tenant));
      if (!APPLICABLE.includes(advice.state)) {
        throw new PlatformError('precondition_failed', `Recommendation ${id} is ${advice.state}.`, {
          hint: advice.state === 'kept' ? 'It is in force.' : 'It is being looked after: wait for the verdict.',
        });
      }
      const workflowId = applyAdviceWorkflowId(id);
      await workflows.startApplyAdvice(workflowId, { id, by: caller.principal.keyId, ...request.body });
      noteChange(request, { before: { state: advice.state }, after: { state: 'applying', change: advice.change } });
      return reply.code(202).send({ id, workflowId });
    },
  );

  app.post(
    '/v1/cost/recommendations/:id/revert',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'revertCostRecommendation',
        tags: TAGS,
        summary: 'Take back one that was applied, whatever would have come of it',
        params,
        querystring: tenantQuery,
        response: answers({ 202: startedSchema }, ...KEYED, 404, 412),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const advice = await found(id, scopeOf(caller, request.query.tenant));
      const workflowId = applyAdviceWorkflowId(id);
      if (advice.state === 'kept') {
        await workflows.startApplyAdvice(workflowId, { id, by: caller.principal.keyId, undo: true });
      } else if (
        !['applying', 'watching'].includes(advice.state) ||
        !(await workflows.signalAdvice(workflowId, 'revert', 'taken back by hand'))
      ) {
        throw new PlatformError('precondition_failed', `Recommendation ${id} is ${advice.state}: it is not in force.`);
      }
      noteChange(request, { before: { state: advice.state }, after: { state: 'reverted' } });
      return reply.code(202).send({ id, workflowId });
    },
  );
}
