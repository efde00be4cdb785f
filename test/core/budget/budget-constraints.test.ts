import { allowancePerSecond } from '../../../core/budget/allowance';
import { BudgetConstraints, type KeptBudget, type KeptState } from '../../../core/budget/budget-constraints';
import { budgetSpecSchema, type BudgetSpecInput } from '../../../core/budget/budget-spec';
import { Purse, takeFromAll } from '../../../core/budget/purse';
import { restraintOf, UNRESTRAINED } from '../../../core/budget/restraint';

const HOUR_MS = 3_600_000;
const DOLLAR = 10n ** 12n;
const budget = (id: string, spec: Partial<BudgetSpecInput> = {}): KeptBudget => ({
  id,
  tenant: 'acme',
  spec: budgetSpecSchema.parse({ limit: '10', ...spec }),
});
const state = (budgetId: string, part: Partial<KeptState> = {}): KeptState => ({
  budgetId,
  periodEnd: new Date(HOUR_MS),
  steps: [],
  spent: 0n,
  spentByCritical: 0n,
  ...part,
});
const fn = (name: string, critical = false) => ({ tenant: 'acme', name, critical });

test('what is left of a budget is spread over the rest of its period', () => {
  expect(allowancePerSecond(10n * DOLLAR, 6_400_000_000_000n, HOUR_MS, 0)).toBeCloseTo(1_000);
  expect(allowancePerSecond(DOLLAR, DOLLAR, HOUR_MS, 0)).toBe(0);
  expect(allowancePerSecond(DOLLAR, 2n * DOLLAR, HOUR_MS, 0)).toBe(0);
  // The last seconds are not worth all that is left.
  expect(allowancePerSecond(DOLLAR, 0n, HOUR_MS, HOUR_MS - 10)).toBeCloseTo(1e6 / 60);
});

test('purses give only what all of them have', () => {
  const [rich, poor] = [new Purse(10), new Purse(3)];
  expect(takeFromAll([rich, poor], 4)).toBe(false);
  expect([rich.left, poor.left]).toEqual([10, 3]);
  expect(takeFromAll([rich, poor], 3)).toBe(true);
  expect([rich.left, poor.left]).toEqual([7, 0]);
  expect(takeFromAll([], 1_000)).toBe(true);
});

test('the steps of every budget that covers a function count for it, but not for a critical one', () => {
  const standing = [
    { tenant: 'acme', spec: {}, steps: ['drop-predictive-warmth' as const], exhausted: false },
    {
      tenant: 'acme',
      spec: { functions: ['a'] },
      steps: ['queue' as const, 'cheaper-tier' as const],
      exhausted: false,
    },
    { tenant: 'other', spec: {}, steps: ['shorten-keep-alive' as const], exhausted: true },
  ];
  expect(restraintOf(fn('a'), standing)).toEqual({
    noPredictiveWarmth: true,
    shortKeepAlive: false,
    cheapestTier: true,
    queue: true,
    holdNothing: false,
  });
  expect(restraintOf(fn('b'), standing)).toMatchObject({ noPredictiveWarmth: true, cheapestTier: false, queue: false });
  expect(restraintOf(fn('a', true), standing)).toBe(UNRESTRAINED);
});

test('functions of one budget share its purse; a decision about a period that is over says nothing', () => {
  const budgets = [budget('all'), budget('of-a', { functions: ['a'] }), budget('old'), budget('undecided')];
  const states = [
    state('all', { steps: ['drop-predictive-warmth'] }),
    state('of-a', { spent: 10n * DOLLAR }),
    state('old', { periodEnd: new Date(-1), steps: ['queue'] }),
  ];
  const constraints = new BudgetConstraints(budgets, states, 0);
  const [a, b] = [constraints.of(fn('a')), constraints.of(fn('b'))];
  expect(a.purses).toHaveLength(2);
  expect(b.purses).toHaveLength(1);
  expect(a.purses[0]).toBe(b.purses[0]);
  expect(a.purses[1]?.left).toBe(0);
  expect(b.purses[0]?.left).toBeCloseTo(10e6 / 3_600);
  expect(b.restraint).toMatchObject({ noPredictiveWarmth: true, queue: false });
  expect(constraints.of({ tenant: 'other', name: 'a', critical: false })).toEqual({
    restraint: UNRESTRAINED,
    purses: [],
  });
});

test('nothing is held for functions that are refused; for critical ones until their share is spent as well', () => {
  const heldBack = (part: Partial<KeptState>, critical: boolean): boolean =>
    new BudgetConstraints([budget('all')], [state('all', part)], 0).of(fn('a', critical)).restraint.holdNothing;
  const [limit, share] = [10n * DOLLAR, 2n * DOLLAR];
  expect(heldBack({ spent: limit }, false)).toBe(false);
  expect(heldBack({ spent: 8n * DOLLAR, steps: ['refuse'] }, false)).toBe(true);
  expect(heldBack({ spent: 9n * DOLLAR, spentByCritical: share, steps: ['refuse'] }, true)).toBe(false);
  expect(heldBack({ spent: limit, spentByCritical: share - 1n, steps: ['refuse'] }, true)).toBe(false);
  expect(heldBack({ spent: limit, spentByCritical: share, steps: ['refuse'] }, true)).toBe(true);
});
