import { randomUUID } from 'node:crypto';
import { PlatformError } from '../../core/error/platform-error';
import { CREDIT } from '../../core/cost/price-table';
import { canonicalJson } from '../../core/function/revision-digest';
import {
  BUDGET_FIGURES,
  type BudgetAlert,
  type BudgetFigure,
  type BudgetFunction,
  type BudgetOrigin,
  type BudgetRecord,
  type BudgetState,
  type BudgetStore,
  type ComponentSpend,
  type SpendWindow,
} from '../../drivers/store/budget-store';
import type { CostStore, LedgerLine } from '../../drivers/store/cost-store';
import type { EventRecord } from '../../drivers/store/store';
import type { MemoryNotices } from './memory-notices';

type AlertRow = BudgetAlert & { readonly decisionId: string };

interface Parts {
  readonly now: () => Date;
  readonly notices: MemoryNotices;
  readonly needTenant: (name: string) => void;
  readonly functions: () => readonly (BudgetFunction & { readonly tenant: string })[];
  readonly ledger: CostStore['ledger'];
  readonly writeEvents: (batch: readonly Omit<EventRecord, 'id'>[]) => Promise<void>;
}

/** Budgets in memory. */
export function memoryBudgets({ now, notices, needTenant, functions, ledger, writeEvents }: Parts): BudgetStore {
  let budgets: readonly BudgetRecord[] = [];
  const states = new Map<string, Omit<BudgetState, 'alerted'>>();
  let alerts: readonly AlertRow[] = [];
  const figures = new Map<BudgetFigure, number>();
  const find = (tenant: string, name: string): BudgetRecord | undefined =>
    budgets.find((row) => row.tenant === tenant && row.name === name);
  const mustOwn = (known: BudgetRecord, origin: BudgetOrigin): void => {
    if (known.origin !== origin) throw new PlatformError('conflict', `Budget ${known.name} belongs to the other side`);
  };
  const lines = async ({ functionIds, ...query }: SpendWindow): Promise<readonly LedgerLine[]> => {
    const { items } = await ledger({ ...query, by: 'hour', limit: 1_000 });
    return items.filter(
      ({ functionId, component }) => component !== CREDIT && (functionIds === null || functionIds.includes(functionId)),
    );
  };
  const sameAlert = (a: { budgetId: string; periodStart: Date; percent: number }, b: typeof a): boolean =>
    a.budgetId === b.budgetId && a.percent === b.percent && a.periodStart.getTime() === b.periodStart.getTime();

  return {
    putBudget: async ({ tenant, name, spec, origin, ifGeneration }) => {
      needTenant(tenant);
      const known = find(tenant, name);
      if (known) mustOwn(known, origin);
      if (ifGeneration !== undefined && ifGeneration !== (known?.generation ?? 0)) {
        throw new PlatformError('precondition_failed', `Budget ${name} has changed`);
      }
      if (known && canonicalJson(known.spec) === canonicalJson(spec)) return { budget: known, changed: false };
      const { id, generation, createdAt } = known ?? { id: randomUUID(), generation: 0, createdAt: now() };
      const budget = { id, tenant, name, spec, generation: generation + 1, origin, createdAt, updatedAt: now() };
      budgets = [...budgets.filter((row) => row !== known), budget];
      notices.tell('budgets', [`${tenant}/${name}`]);
      return { budget, changed: true };
    },
    deleteBudget: async (tenant, name, origin) => {
      const known = find(tenant, name);
      if (!known) return false;
      mustOwn(known, origin);
      budgets = budgets.filter((row) => row !== known);
      states.delete(known.id);
      alerts = alerts.filter(({ budgetId }) => budgetId !== known.id);
      notices.tell('budgets', [`${tenant}/${name}`]);
      return true;
    },
    findBudget: async (tenant, name) => find(tenant, name) ?? null,
    budgets: async ({ tenant } = {}) =>
      budgets
        .filter((row) => tenant === undefined || row.tenant === tenant)
        .sort((a, b) => (`${a.tenant} ${a.name}` < `${b.tenant} ${b.name}` ? -1 : 1)),
    budgetStates: async ({ tenant } = {}) =>
      [...budgets]
        .sort((a, b) => (`${a.tenant} ${a.name}` < `${b.tenant} ${b.name}` ? -1 : 1))
        .flatMap((budget) => {
          const state = states.get(budget.id);
          if (!state || (tenant !== undefined && budget.tenant !== tenant)) return [];
          const own = alerts.filter((row) => sameAlert(row, { ...state, percent: row.percent }));
          return [{ ...state, alerted: own.map(({ percent }) => percent).sort((a, b) => a - b) }];
        }),
    setBudgetState: async (state, { ifDecidedAt, events }) => {
      const budget = budgets.find(({ id }) => id === state.budgetId);
      const before = states.get(state.budgetId);
      if (!budget || (before?.decidedAt.getTime() ?? null) !== (ifDecidedAt?.getTime() ?? null)) return false;
      states.set(state.budgetId, state);
      await writeEvents(events);
      const acted = (of: Omit<BudgetState, 'alerted'> | undefined): string =>
        `${of?.generation} ${of?.periodStart.getTime()} ${of?.steps.join()}`;
      if (acted(before) !== acted(state)) notices.tell('budgets', [`${budget.tenant}/${budget.name}`]);
      return true;
    },
    raiseAlerts: async ({ budgetId, periodStart, decisionId, at, delivery, alerts: wanted }) => {
      const budget = budgets.find(({ id }) => id === budgetId);
      if (!budget) return [];
      for (const { percent, event } of wanted) {
        if (alerts.some((row) => sameAlert(row, { budgetId, periodStart, percent }))) continue;
        const row = { budgetId, periodStart, percent, decisionId, at, delivery };
        alerts = [...alerts, { ...row, tries: 0, error: null, settledAt: null }];
        await writeEvents([event]);
        notices.tell('budgets', [`${budget.tenant}/${budget.name}`]);
      }
      return alerts
        .filter(
          (row) => row.decisionId === decisionId && sameAlert(row, { budgetId, periodStart, percent: row.percent }),
        )
        .map(({ percent }) => percent)
        .sort((a, b) => a - b);
    },
    settleAlert: async (settled) => {
      const known = alerts.find((row) => sameAlert(row, settled) && row.delivery === 'waiting');
      if (known) alerts = alerts.map((row) => (row === known ? { ...row, ...settled } : row));
      return known !== undefined;
    },
    budgetAlerts: async (budgetId, limit) =>
      alerts
        .filter((row) => row.budgetId === budgetId)
        .map(({ decisionId: _decisionId, ...row }) => row)
        .sort((a, b) => b.periodStart.getTime() - a.periodStart.getTime() || b.percent - a.percent)
        .slice(0, limit),
    budgetFunctions: async (tenant, names) =>
      functions()
        .filter((fn) => fn.tenant === tenant && (names === null || names.includes(fn.name)))
        .map(({ id, name, deleted }) => ({ id, name, deleted })),
    spendByHour: async (query) => {
      const hours = new Map<number, bigint>();
      for (const { time, amount } of await lines(query))
        hours.set(time.getTime(), (hours.get(time.getTime()) ?? 0n) + amount);
      return [...hours].map(([hour, amount]) => ({ hour: new Date(hour), amount }));
    },
    spendByComponent: async (query) => {
      const sums = new Map<string, ComponentSpend>();
      for (const { functionId, component, quantity, amount } of await lines(query)) {
        const key = `${functionId} ${component}`;
        const known = sums.get(key);
        const [all, money] = [quantity + (known?.quantity ?? 0), amount + (known?.amount ?? 0n)];
        sums.set(key, { functionId, component, quantity: all, amount: money });
      }
      const { items } = await ledger({ ...query, by: 'minute', limit: 1 });
      return {
        since: items[0]?.time ?? null,
        spends: [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
      };
    },
    addBudgetFigures: async (added) => {
      for (const figure of BUDGET_FIGURES) figures.set(figure, (figures.get(figure) ?? 0) + (added[figure] ?? 0));
    },
    budgetFigures: async () =>
      Object.fromEntries(BUDGET_FIGURES.map((figure) => [figure, figures.get(figure) ?? 0])) as Record<
        BudgetFigure,
        number
      >,
  };
}
