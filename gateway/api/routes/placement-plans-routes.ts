import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { optimizePlacementInput } from '../../../core/control/workflow-inputs';
import { PlatformError } from '../../../core/error/platform-error';
import { sumOf } from '../../../core/placement/cost-breakdown';
import { traceparentOf } from '../../tracing/api-traces';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteUnchanged } from '../audit/change-note';
import { storePage } from '../page-cursor';
import { costsSchema, planSchema, planView, shown } from './placement-view';

const TAGS = ['migrations'];
const PREFIX = 'placement/plan';

const assignmentSchema = z
  .object({
    at: instant.nullable().describe('when it was reckoned; null: not yet, or there is one node only'),
    functions: z.array(
      z.object({
        function: z.string().describe('tenant/name'),
        nodes: z.array(z.string()),
        costs: costsSchema,
        total: z.number(),
        users: z
          .object({ meanMs: z.number(), p99Ms: z.number() })
          .nullable()
          .describe('round trip of its users to it; null: no user calls it'),
      }),
    ),
  })
  .meta({ id: 'PlacementCosts' });
const stateSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    error: z.string().nullable(),
    plan: planSchema.nullable().describe('null as long as it is being made, and where there was nothing to decide'),
  })
  .meta({ id: 'PlacementPlanState' });
export type PlacementCostsView = z.output<typeof assignmentSchema>;
export type PlanStateView = z.output<typeof stateSchema>;

/** Where functions sit, what that costs, and what plans have made of it. */
export function placementPlansRoutes(app: ApiApp, { store, workflows }: ApiContext): void {
  /** Operators see everybody's functions, unless they act for one tenant. */
  const scopeOf = ({ operator, tenant }: Caller, named: string | undefined): string | null =>
    operator && named === undefined ? null : tenant;

  app.get(
    '/v1/placement',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPlacementCosts',
        tags: TAGS,
        summary: 'Where functions sit and what that costs by each of the five terms, as of the newest plan',
        querystring: tenantQuery,
        response: answers({ 200: assignmentSchema }, ...KEYED),
      },
    },
    async (request) => {
      const tenant = scopeOf(callerOf(request), request.query.tenant);
      const found = await store.latestPlacementDecision();
      const rows = (found?.plan.assignment ?? []).filter(
        (row) => tenant === null || row.function.startsWith(`${tenant}/`),
      );
      return {
        at: found?.at.toISOString() ?? null,
        functions: rows.map(({ function: id, nodes, costs, users }) => {
          return {
            function: id,
            nodes: [...nodes],
            costs: shown(costs),
            total: sumOf(costs),
            users: users && { ...users },
          };
        }),
      };
    },
  );

  app.get(
    '/v1/placement/plans',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listPlacementPlans',
        tags: TAGS,
        summary: 'Plans of where functions sit, newest first, with their costs and reasons',
        querystring: listQuery.extend({
          moves: z.stringbool().default(false).describe('true: only those that move something'),
        }),
        response: answers({ 200: pageSchema(planSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const tenant = scopeOf(callerOf(request), request.query.tenant);
      const { limit, cursor, moves } = request.query;
      return storePage(
        { limit, cursor },
        (page) => store.placementDecisions({ movesOnly: moves, ...page }),
        (decision) => planView(decision, tenant),
      );
    },
  );

  app.get(
    '/v1/placement/plans/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPlacementPlan',
        tags: TAGS,
        summary: 'A plan: its costs, its moves with the reason for each, and what came of them',
        params: z.strictObject({ id: z.string().min(1).max(100) }),
        querystring: tenantQuery,
        response: answers({ 200: stateSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const decision = await store.findPlacementDecision(id);
      if (decision) {
        const plan = planView(decision, scopeOf(caller, request.query.tenant));
        const moving = !plan.dryRun && plan.verdict === 'move' && plan.outcomes === null;
        return { id, state: moving ? ('running' as const) : ('done' as const), error: null, plan };
      }
      const found = await workflows.judged(`${PREFIX}/${caller.tenant}/${id}`);
      if (!found) {
        throw new PlatformError('not_found', `There is no plan ${id}.`, {
          hint: 'GET /v1/placement/plans lists them.',
        });
      }
      const nothing = nothingDecided.safeParse(found.result);
      return {
        id,
        state: found.state,
        error: found.error ?? (nothing.success ? nothing.data.reason : null),
        plan: null,
      };
    },
  );

  app.post(
    '/v1/placement/plan',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'makePlacementPlan',
        tags: TAGS,
        summary: 'Plan where the tenant’s functions sit (operators: all), and move them unless it is a dry run',
        querystring: tenantQuery,
        body: optimizePlacementInput
          .omit({ tenant: true, planId: true, reason: true })
          .extend({ dryRun: z.boolean().default(true) })
          .meta({ example: { dryRun: true } })
          .nullish(),
        response: answers({ 202: z.object({ id: z.string(), workflowId: z.string() }) }, ...KEYED),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const tenant = scopeOf(caller, request.query.tenant);
      const id = randomUUID();
      const workflowId = `${PREFIX}/${caller.tenant}/${id}`;
      const wish = request.body ?? { dryRun: true };
      if (wish.dryRun) noteUnchanged(request);
      const input = { ...wish, planId: id, ...(tenant === null ? {} : { tenant }) };
      await workflows.within(traceparentOf(request)).startPlan(workflowId, input);
      return reply.code(202).send({ id, workflowId });
    },
  );
}

/** What a run says that had nothing to decide. */
const nothingDecided = z.object({ planId: z.null(), reason: z.string() });
