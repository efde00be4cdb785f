import { z } from 'zod';
import { checkBudget } from '../../../core/budget/check-budget';
import { tiersWithoutPrices } from '../../../core/cost/missing-prices';
import { isPlatformError, PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import type { BudgetRecord } from '../../../drivers/store/budget-store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { budgetStandings, spendWindow, type BudgetStanding } from '../budget-standings';
import {
  budgetAlertSchema,
  budgetAlertView,
  budgetForecastSchema,
  budgetForecastView,
  budgetSchema,
  budgetView,
} from '../budget-view';
import { ascending, pageOf } from '../page-cursor';

const params = z.strictObject({ name: nameSchema });
/** Described once, as a component; checked by `checkBudget`, which names every problem at once. */
const specRef = z.unknown().meta({ $ref: '#/components/schemas/BudgetSpec' });
const TAGS = ['budgets'];
/** Alerts of a budget that are shown: those of some periods. */
const SHOWN_ALERTS = 100;

/** What functions of a tenant may cost, and how that stands. */
export function budgetsRoutes(app: ApiApp, context: ApiContext): void {
  const { store, prices, workflows } = context;

  app.get(
    '/v1/budgets',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listBudgets',
        tags: TAGS,
        summary: 'Budgets with what is spent of them',
        querystring: listQuery,
        response: answers({ 200: pageSchema(budgetSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const now = context.now().getTime();
      const records = await store.budgets({ tenant });
      const standings = await budgetStandings(store, records, now);
      const order = { keyOf: ({ budget }: BudgetStanding) => budget.name, compare: ascending };
      return pageOf('budgets', request.query, standings, order, (standing) => budgetView(standing, now));
    },
  );

  app.get(
    '/v1/budgets/:name',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getBudget',
        tags: TAGS,
        summary: 'One budget, and how it stands',
        params,
        querystring: tenantQuery,
        response: answers({ 200: budgetSchema }, ...KEYED, 404),
      },
    },
    async (request) => view(await find(callerOf(request).tenant, request.params.name)),
  );

  app.put(
    '/v1/budgets/:name',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'putBudget',
        tags: TAGS,
        summary: 'Make a budget, or change it; it counts from now on, with all that the period has spent already',
        params,
        querystring: tenantQuery,
        body: specRef,
        response: answers({ 200: budgetSchema }, ...KEYED, 404, 409),
      },
    },
    async (request) => {
      const { tenant, principal } = callerOf(request);
      const { name } = request.params;
      const before = await store.findBudget(tenant, name);
      const spec = await checked(tenant, request.body, before?.spec.functions ?? []);
      const { budget, changed } = await store.putBudget({ tenant, name, spec, origin: 'api' });
      noteChange(request, { before: before?.spec ?? null, after: budget.spec });
      if (changed) {
        await record(tenant, 'budget.set', { budget: name, spec, key: principal.keyId });
        await decideSoon(tenant);
      }
      return view(budget);
    },
  );

  app.delete(
    '/v1/budgets/:name',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'deleteBudget',
        tags: TAGS,
        summary: 'Delete a budget: what it has held back goes on',
        params,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const { name } = request.params;
      const before = await store.findBudget(tenant, name);
      if (!(await store.deleteBudget(tenant, name, 'api'))) throw noBudget(name);
      noteChange(request, { before: before?.spec ?? null, after: null });
      await record(tenant, 'budget.deleted', { budget: name, key: principal.keyId });
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/budgets/:name/forecast',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getBudgetForecast',
        tags: TAGS,
        summary: 'Where its spend will end, and what each step would save',
        params,
        querystring: tenantQuery,
        response: answers({ 200: budgetForecastSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const budget = await find(callerOf(request).tenant, request.params.name);
      const now = context.now().getTime();
      const [standing, hours] = await Promise.all([
        standingOf(budget, now),
        spendWindow(store, budget, now).then((window) => store.spendByHour(window)),
      ]);
      return budgetForecastView(standing, hours, now);
    },
  );

  app.get(
    '/v1/budgets/:name/alerts',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listBudgetAlerts',
        tags: TAGS,
        summary: 'What it has told of, the newest first, and whether its webhook took it',
        params,
        querystring: tenantQuery,
        response: answers({ 200: z.object({ items: z.array(budgetAlertSchema) }) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { id } = await find(callerOf(request).tenant, request.params.name);
      return { items: (await store.budgetAlerts(id, SHOWN_ALERTS)).map(budgetAlertView) };
    },
  );

  async function find(tenant: string, name: string): Promise<BudgetRecord> {
    const budget = await store.findBudget(tenant, name);
    if (!budget) throw noBudget(name);
    return budget;
  }

  async function view(budget: BudgetRecord) {
    const now = context.now().getTime();
    return budgetView(await standingOf(budget, now), now);
  }

  async function standingOf(budget: BudgetRecord, now: number): Promise<BudgetStanding> {
    const [standing] = await budgetStandings(store, [budget], now);
    return standing ?? { budget, state: null, spent: 0n };
  }

  /**
   * @param named functions that it names already: one that was deleted meanwhile must not be in the way of a raised limit
   * @throws PlatformError invalid_argument with every problem at once
   */
  async function checked(tenant: string, value: unknown, named: readonly string[]) {
    const [functions, secrets] = await Promise.all([store.budgetFunctions(tenant, null), store.secrets(tenant)]);
    const { spec, problems } = checkBudget(value, {
      functions: new Set([...named, ...functions.filter(({ deleted }) => !deleted).map(({ name }) => name)]),
      secrets: new Set(secrets.map(({ name }) => name)),
      unpriced: tiersWithoutPrices(prices),
    });
    if (spec) return spec;
    const lines = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new PlatformError('invalid_argument', `The budget has ${problems.length} problem(s): ${lines}`, { problems });
  }

  /** While Temporal is away the next minute decides. */
  async function decideSoon(tenant: string): Promise<void> {
    try {
      await workflows.startEnforce(tenant);
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'unavailable') throw error;
      context.log.warn({ err: error, tenant }, 'A changed budget is decided about later');
    }
  }

  async function record(tenant: string, type: string, data: Record<string, unknown>): Promise<void> {
    await store.writeEvents([{ at: context.now(), tenant, type, function: null, node: null, data }]);
  }
}

function noBudget(name: string): PlatformError {
  return new PlatformError('not_found', `There is no budget ${name}.`, {
    hint: 'GET /v1/budgets lists them; PUT makes one.',
  });
}
