import { reserves } from '../core/budget/critical-reserve';
import type { BudgetFacts } from '../core/budget/decide-budget';
import { periodAt, type Period } from '../core/budget/period';
import type { PastSpend } from '../core/budget/spend-pattern';
import type { BudgetFunction, BudgetRecord } from '../drivers/store/budget-store';
import type { ActivityDependencies } from './dependencies';
import { measuredFunctions, type MeasuredTenant } from './measured-functions';
import type { SpendPast } from './spend-past';

const DAY_MS = 86_400_000;

export interface GatheredBudget {
  readonly budget: BudgetRecord;
  readonly facts: BudgetFacts;
  /** Functions that it names and that were never there. */
  readonly unknown: readonly string[];
}

interface Counted {
  readonly budget: BudgetRecord;
  readonly period: Period;
  /** Null: all of the tenant. */
  readonly functionIds: readonly string[] | null;
  readonly unknown: readonly string[];
  readonly past: PastSpend;
}

type Gathers = Pick<ActivityDependencies, 'store' | 'cluster' | 'prices' | 'gateways'>;

/** What is known now of budgets, by what was spent, what is deployed and what is held. @param now Unix milliseconds */
export async function budgetFacts(
  dependencies: Gathers,
  past: SpendPast,
  budgets: readonly BudgetRecord[],
  now: number,
): Promise<readonly GatheredBudget[]> {
  if (budgets.length === 0) return [];
  const { store, cluster } = dependencies;
  const [routes, nodes] = await Promise.all([store.routes(), cluster.nodes()]);
  const gathered: GatheredBudget[] = [];
  for (const tenant of new Set(budgets.map((budget) => budget.tenant))) {
    const functions = await store.budgetFunctions(tenant, null);
    const own = budgets.filter((budget) => budget.tenant === tenant);
    const counted = await Promise.all(own.map((budget) => count(budget, functions)));
    const measured = await measuredFunctions(dependencies, { tenant, routes, nodes }, now);
    gathered.push(...(await withSpend(tenant, counted, measured, functions)));
  }
  return gathered;

  async function count(budget: BudgetRecord, functions: readonly BudgetFunction[]): Promise<Counted> {
    const { tenant, spec } = budget;
    const names = spec.functions ?? null;
    const functionIds = names && functions.filter(({ name }) => names.includes(name)).map(({ id }) => id);
    const unknown = names?.filter((name) => !functions.some((fn) => fn.name === name)) ?? [];
    const hours = await past.of(budget.id, { tenant, functionIds }, now);
    return { budget, period: periodAt(spec, now), functionIds, unknown, past: hours };
  }

  async function withSpend(
    tenant: string,
    counted: readonly Counted[],
    { functions: spends, critical }: MeasuredTenant,
    functions: readonly BudgetFunction[],
  ): Promise<GatheredBudget[]> {
    // Ends that stay the same from look to look: the store goes on from what it has read of such a span.
    const queries = counted.flatMap(({ functionIds, period, past: { until } }) => [
      { tenant, functionIds, from: new Date(period.start), to: new Date(period.end) },
      { tenant, functionIds, from: new Date(until), to: new Date(until + DAY_MS) },
    ]);
    const answers = await store.spend(queries);
    return counted.map(({ budget, period, functionIds, unknown, past: hours }, index) => {
      const inPeriod = answers[2 * index];
      const covered = functionIds ?? [...spends.keys()];
      const byCritical = [...(inPeriod?.byFunction ?? [])]
        .filter(([id]) => critical.has(id))
        .reduce((sum, [, amount]) => sum + amount, 0n);
      const live = new Set(functions.filter(({ deleted }) => !deleted).map(({ id }) => id));
      // What deleted functions have cost can be saved no more.
      const alive = covered.flatMap((id) => (live.has(id) ? (spends.get(id) ?? []) : []));
      return {
        budget,
        unknown,
        facts: {
          period,
          spent: inPeriod?.spent ?? 0n,
          spentByCritical: byCritical,
          reserving: reserves(alive),
          past: hours,
          sincePast: answers[2 * index + 1]?.spent ?? 0n,
          functions: alive,
        },
      };
    });
  }
}
