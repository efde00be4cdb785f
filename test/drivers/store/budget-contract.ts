import { budgetSpecSchema, type BudgetSpecInput } from '../../../core/budget/budget-spec';
import type { BudgetState } from '../../../drivers/store/budget-store';
import type { Store } from '../../../drivers/store/store';
import { BOOK, CLOUD, paidFor, PRICED } from './cost-contract';
import { noticeBox } from './notice-contract';
import { deployRevision, newTenant, packed, sampleInvocation } from './sample-records';

const START = new Date('2026-03-01T00:00:00Z');
const NOW = new Date('2026-03-10T12:00:00.123Z');

export function sampleBudgetState(
  budgetId: string,
  change: Partial<Omit<BudgetState, 'alerted'>> = {},
): Omit<BudgetState, 'alerted'> {
  return {
    budgetId,
    generation: 1,
    periodStart: START,
    periodEnd: new Date('2026-04-01T00:00:00Z'),
    steps: ['queue'],
    plan: [{ step: 'queue', since: NOW.getTime(), perHour: 10n ** 17n + 1n, toEnd: 5n }],
    spent: 10n ** 20n + 7n,
    spentByCritical: 3n,
    forecast: 2n * 10n ** 20n,
    decidedAt: NOW,
    changedAt: NOW,
    ...change,
  };
}

/** Of every store: budgets, how they stand, and what they tell of. */
export function describeBudgets(current: () => Store): void {
  const spec = (change: Partial<BudgetSpecInput> = {}) => budgetSpecSchema.parse({ limit: '5', ...change });

  async function budget(name = 'month') {
    const store = current();
    const tenant = await newTenant(store);
    const { budget: made } = await store.putBudget({ tenant, name, spec: spec(), origin: 'api' });
    return { store, tenant, made };
  }
  const event = (tenant: string, type: string) => ({ at: NOW, tenant, type, function: null, node: null, data: {} });

  describe('budgets', () => {
    test('a budget is made, changed, found and deleted; what is equal changes nothing', async () => {
      const { store, tenant, made } = await budget();
      expect(made).toMatchObject({ tenant, name: 'month', generation: 1, origin: 'api', spec: spec() });
      const again = await store.putBudget({ tenant, name: 'month', spec: spec(), origin: 'api' });
      expect(again).toMatchObject({ changed: false, budget: { id: made.id, generation: 1 } });
      const raised = await store.putBudget({ tenant, name: 'month', spec: spec({ limit: '6' }), origin: 'api' });
      expect(raised).toMatchObject({ changed: true, budget: { id: made.id, generation: 2, spec: { limit: '6' } } });
      expect(await store.findBudget(tenant, 'month')).toEqual(raised.budget);
      await store.putBudget({ tenant, name: 'day', spec: spec({ period: 'daily' }), origin: 'api' });
      expect((await store.budgets({ tenant })).map(({ name }) => name)).toEqual(['day', 'month']);
      expect((await store.budgets()).map(({ id }) => id)).toContain(made.id);
      expect(await store.deleteBudget(tenant, 'month', 'api')).toBe(true);
      expect(await store.deleteBudget(tenant, 'month', 'api')).toBe(false);
      expect(await store.findBudget(tenant, 'month')).toBeNull();
    });

    test('an unknown tenant, another generation and the other side are refused', async () => {
      const { store, tenant } = await budget();
      const put = (change: object) =>
        store.putBudget({ tenant, name: 'month', spec: spec({ limit: '9' }), origin: 'api', ...change });
      await expect(put({ tenant: 'nobody-at-all' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(put({ ifGeneration: 7 })).rejects.toMatchObject({ code: 'precondition_failed' });
      await expect(put({ ifGeneration: 0 })).rejects.toMatchObject({ code: 'precondition_failed' });
      await expect(put({ origin: 'kubernetes' })).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.deleteBudget(tenant, 'month', 'kubernetes')).rejects.toMatchObject({ code: 'conflict' });
      await expect(put({ name: 'new', ifGeneration: 0 })).resolves.toMatchObject({ changed: true });
      await expect(put({ ifGeneration: 1 })).resolves.toMatchObject({ budget: { generation: 2 } });
    });

    test('a state is kept exactly, by who has seen the one before it, with its events', async () => {
      const { store, tenant, made } = await budget();
      const first = sampleBudgetState(made.id);
      const written = (state: typeof first, ifDecidedAt: Date | null) =>
        store.setBudgetState(state, { ifDecidedAt, events: [event(tenant, 'budget.degraded')] });
      expect(await written(first, NOW)).toBe(false);
      expect(await written(first, null)).toBe(true);
      expect(await store.budgetStates({ tenant })).toEqual([{ ...first, alerted: [] }]);
      const next = { ...first, spent: 1n, steps: [], decidedAt: new Date(NOW.getTime() + 1) };
      expect(await written(next, null)).toBe(false);
      expect(await written(next, NOW)).toBe(true);
      expect(await written(next, NOW)).toBe(false);
      expect(await store.budgetStates({ tenant })).toEqual([{ ...next, alerted: [] }]);
      const { items } = await store.events({ tenant, types: ['budget.degraded'] });
      expect(items).toHaveLength(2);
      await store.deleteBudget(tenant, 'month', 'api');
      expect(await written(next, next.decidedAt)).toBe(false);
      expect(await store.budgetStates({ tenant })).toEqual([]);
    });

    test('of several that decide at once one is kept', async () => {
      const { store, tenant, made } = await budget();
      const all = [1n, 2n, 3n, 4n].map((spent) => sampleBudgetState(made.id, { spent }));
      const events = [event(tenant, 'budget.degraded')];
      const kept = await Promise.all(all.map((state) => store.setBudgetState(state, { ifDecidedAt: null, events })));
      expect(kept.filter(Boolean)).toHaveLength(1);
      expect((await store.budgetStates({ tenant }))[0]?.spent).toBe(all[kept.indexOf(true)]?.spent);
      expect((await store.events({ tenant, types: ['budget.degraded'] })).items).toHaveLength(1);
    });

    test('an alert is raised once a period, whoever asks; who repeats a decision gets the same', async () => {
      const { store, tenant, made } = await budget();
      const raise = (decisionId: string, percents: readonly number[], periodStart = START) =>
        store.raiseAlerts({
          budgetId: made.id,
          periodStart,
          decisionId,
          at: NOW,
          delivery: 'waiting',
          alerts: percents.map((percent) => ({ percent, event: event(tenant, `budget.alert`) })),
        });
      expect(await raise('a', [75, 50])).toEqual([50, 75]);
      expect(await raise('b', [50, 75, 90])).toEqual([90]);
      expect(await raise('a', [])).toEqual([50, 75]);
      expect(await raise('c', [50])).toEqual([]);
      await store.setBudgetState(sampleBudgetState(made.id), { ifDecidedAt: null, events: [] });
      expect((await store.budgetStates({ tenant }))[0]?.alerted).toEqual([50, 75, 90]);
      const april = new Date('2026-04-01T00:00:00Z');
      expect(await raise('d', [50], april)).toEqual([50]);
      expect((await store.budgetStates({ tenant }))[0]?.alerted).toEqual([50, 75, 90]);
      const { items } = await store.events({ tenant, types: ['budget.alert'] });
      expect(items).toHaveLength(4);
      const raised = await Promise.all(['e', 'f', 'g'].map((id) => raise(id, [100])));
      expect(raised.flat()).toEqual([100]);
      expect(await store.raiseAlerts({ budgetId: 'gone', periodStart: START, decisionId: 'a', at: NOW, delivery: 'none', alerts: [{ percent: 1, event: event(tenant, 'x') }] })).toEqual([]); // prettier-ignore
    });

    test('how an alert’s sending ended is kept once', async () => {
      const { store, tenant, made } = await budget();
      const alert = { budgetId: made.id, periodStart: START, percent: 90 };
      await store.raiseAlerts({ ...alert, decisionId: 'a', at: NOW, delivery: 'waiting', alerts: [{ percent: 90, event: event(tenant, 'budget.alert') }] }); // prettier-ignore
      const settled = { ...alert, delivery: 'failed', tries: 3, error: 'it answered 500', settledAt: NOW } as const;
      expect(await store.settleAlert(settled)).toBe(true);
      expect(await store.settleAlert({ ...settled, delivery: 'delivered' })).toBe(false);
      expect(await store.budgetAlerts(made.id, 10)).toEqual([{ ...settled, at: NOW }]);
      expect(await store.budgetAlerts(made.id, 0)).toEqual([]);
    });

    test('gateways are told of what they act by, and of nothing else', async () => {
      const { store, tenant, made } = await budget();
      const box = noticeBox();
      const unsubscribe = await store.subscribe('budgets', box.listener);
      const told = async (change: Promise<unknown>): Promise<void> => {
        box.clear();
        await change;
        await box.has(`${tenant}/month`);
      };
      await told(store.putBudget({ tenant, name: 'month', spec: spec({ limit: '7' }), origin: 'api' }));
      const state = sampleBudgetState(made.id);
      await told(store.setBudgetState(state, { ifDecidedAt: null, events: [] }));
      /** Notices come in their order: with this one all before it are in. */
      const settled = async (): Promise<void> => {
        const other = await newTenant(store);
        await store.putBudget({ tenant: other, name: 'b', spec: spec(), origin: 'api' });
        await box.has(`${other}/b`);
      };
      await settled();
      box.clear();
      const same = { ...state, spent: 1n, decidedAt: new Date(NOW.getTime() + 1) };
      expect(await store.setBudgetState(same, { ifDecidedAt: NOW, events: [] })).toBe(true);
      await settled();
      expect(box.payloads).not.toContain(`${tenant}/month`);
      await told(store.deleteBudget(tenant, 'month', 'api'));
      await unsubscribe();
    });

    test('functions are found by name, also those that are deleted', async () => {
      const { store, tenant } = await budget();
      const { function: old } = await deployRevision(store, tenant, 'pay');
      await store.deleteFunction(tenant, 'pay');
      const { function: pay } = await deployRevision(store, tenant, 'pay');
      const { function: other } = await deployRevision(store, tenant, 'other');
      const found = await store.budgetFunctions(tenant, ['pay', 'never']);
      expect(new Map(found.map(({ id, deleted }) => [id, deleted]))).toEqual(
        new Map([
          [old.id, true],
          [pay.id, false],
        ]),
      );
      expect((await store.budgetFunctions(tenant, null)).map(({ id }) => id)).toContain(other.id);
      expect(await store.budgetFunctions(tenant, [])).toEqual([]);
    });

    test('what was posted is summed by hours, and by functions and components', async () => {
      const store = current();
      const tenant = await newTenant(store);
      await store.putPriceTable(CLOUD);
      const hour = (at: number): Date => new Date(Date.parse('2026-03-04T05:00:00Z') + at * 3_600_000);
      const records = [0.1, 0.9, 2.5].flatMap((at) =>
        ['a', 'b'].map((functionId) => sampleInvocation({ tenant, functionId, function: functionId, at: hour(at), pricing: PRICED })),
      ); // prettier-ignore
      await store.writeInvocations(packed(records, BOOK));
      await store.postLedger(hour(4));
      const window = { tenant, functionIds: null, from: hour(0), to: hour(3) };
      const each = paidFor(records.slice(0, 1));
      expect(await store.spendByHour(window)).toEqual([
        { hour: hour(0), amount: 4n * each },
        { hour: hour(2), amount: 2n * each },
      ]);
      expect(await store.spendByHour({ ...window, functionIds: ['b'], from: hour(1) })).toEqual([{ hour: hour(2), amount: each }]); // prettier-ignore
      expect(await store.spendByHour({ ...window, functionIds: [] })).toEqual([]);
      const { since, spends } = await store.spendByComponent({ ...window, functionIds: ['a'] });
      expect(since).toEqual(new Date(hour(0.1).getTime()));
      expect(spends.every(({ functionId }) => functionId === 'a')).toBe(true);
      expect(spends.reduce((sum, { amount }) => sum + amount, 0n)).toBe(3n * each);
      expect(spends.find(({ component }) => component === 'request')?.quantity).toBe(3);
      expect(await store.spendByComponent({ ...window, from: hour(9), to: hour(10) })).toEqual({
        since: null,
        spends: [],
      });
    });

    test('figures add up', async () => {
      const store = current();
      const before = await store.budgetFigures();
      await store.addBudgetFigures({ alerts: 2, decisions: 1 });
      await store.addBudgetFigures({ alerts: 1 });
      expect((await store.budgetFigures()).alerts - before.alerts).toBe(3);
    });
  });
}
