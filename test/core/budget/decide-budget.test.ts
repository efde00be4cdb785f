import fc from 'fast-check';
import { budgetSpecSchema, type BudgetSpecInput } from '../../../core/budget/budget-spec';
import { decideBudget, type BudgetFacts, type DecidedBefore } from '../../../core/budget/decide-budget';
import { periodAt } from '../../../core/budget/period';
import type { FunctionSpend } from '../../../core/budget/step-effects';
import { picoOfDollars } from '../../../core/cost/money-text';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const spec = (change: Partial<BudgetSpecInput> = {}) =>
  budgetSpecSchema.parse({ limit: '100', timeZone: 'Europe/Berlin', ...change });
const dollars = (amount: number): bigint => BigInt(Math.round(amount * 1e6)) * 1_000_000n;
const shop: FunctionSpend = {
  critical: false,
  calls: dollars(1),
  tiered: dollars(0.8),
  warmth: dollars(0.5),
  predicted: 0.5,
  overlong: 0.5,
  cheaper: 0.4,
  crowded: 0.2,
};

function facts(now: number, change: Partial<BudgetFacts> = {}): BudgetFacts {
  return {
    period: periodAt(spec(), now),
    spent: 0n,
    spentByCritical: 0n,
    reserving: false,
    past: { hours: [], until: Math.floor(now / HOUR) * HOUR },
    sincePast: 0n,
    functions: [shop],
    ...change,
  };
}
const next = (decision: ReturnType<typeof decideBudget>, periodStart: number, alerted: readonly number[] = []): DecidedBefore => ({
  periodStart,
  plan: decision.plan,
  alerted: [...alerted, ...decision.alerts],
  changedAt: decision.changedAt,
}); // prettier-ignore

test('a period turns while steps are in force: alerts begin anew, steps are restored one by one', () => {
  const end = periodAt(spec(), Date.parse('2026-03-15T00:00:00Z')).end;
  expect(new Date(end).toISOString()).toBe('2026-03-31T22:00:00.000Z');
  let now = end - MINUTE;
  const before = decideBudget(spec(), facts(now, { spent: picoOfDollars('101') }), null, now);
  expect(before.steps).toHaveLength(5);
  expect(before.alerts).toEqual([50, 75, 90, 100]);
  let last = next(before, facts(now).period.start);
  const lengths: number[] = [];
  for (let minute = 0; minute < 6; minute++) {
    now += MINUTE;
    const decision = decideBudget(spec(), facts(now), last, now);
    expect(decision.alerts).toEqual([]);
    lengths.push(decision.steps.length);
    last = next(decision, facts(now).period.start);
  }
  expect(lengths).toEqual([4, 3, 2, 1, 0, 0]);
  expect(decideBudget(spec(), facts(now, { spent: dollars(50) }), last, now).alerts).toEqual([50]);
});

test('a raised limit neither repeats alerts nor forgets them', () => {
  const now = Date.parse('2026-03-15T00:00:00Z');
  const at95 = facts(now, { spent: dollars(95) });
  const first = decideBudget(spec(), at95, null, now);
  expect(first.alerts).toEqual([50, 75, 90]);
  const last = next(first, at95.period.start);
  const raised = spec({ limit: '200' });
  expect(decideBudget(raised, at95, last, now + MINUTE).alerts).toEqual([]);
  expect(decideBudget(raised, facts(now, { spent: dollars(190) }), last, now + MINUTE).alerts).toEqual([]);
  expect(decideBudget(raised, facts(now, { spent: dollars(200) }), last, now + MINUTE).alerts).toEqual([100]);
});

test('critical functions keep their share, whatever they have spent before: the others stop below the limit', () => {
  const now = Date.parse('2026-03-15T00:00:00Z');
  const critical = { ...shop, critical: true };
  const some = facts(now, {
    spent: dollars(80),
    spentByCritical: dollars(40),
    reserving: true,
    functions: [shop, critical],
  });
  const decision = decideBudget(spec(), some, null, now);
  expect(decision.ceiling).toBe(dollars(80));
  expect(decision.steps).toContain('refuse');
  expect(decision.plan.find(({ step }) => step === 'refuse')?.perHour).toBe(
    decideBudget(spec(), { ...some, functions: [shop] }, null, now).plan.find(({ step }) => step === 'refuse')?.perHour,
  );
});

test('whatever comes, the forecast is not below spend, and each percent is told of once a period', () => {
  const look = fc.record({ add: fc.integer({ min: 0, max: 20 }), minutes: fc.integer({ min: 1, max: 20_000 }), limit: fc.integer({ min: 1, max: 300 }) }); // prettier-ignore
  fc.assert(
    fc.property(fc.array(look, { maxLength: 40 }), fc.constantFrom('daily', 'monthly'), (looks, period) => {
      let now = Date.parse('2026-01-30T12:00:00Z');
      let last: DecidedBefore | null = null;
      let spent = 0n;
      const told = new Set<string>();
      for (const { add, minutes, limit } of looks) {
        now += minutes * MINUTE;
        const own = spec({ limit: String(limit), period });
        const current = periodAt(own, now);
        spent = last?.periodStart === current.start ? spent + dollars(add) : dollars(add);
        const decision = decideBudget(own, facts(now, { period: current, spent }), last, now);
        expect(decision.forecast >= spent).toBe(true);
        for (const percent of decision.alerts) {
          const key = `${current.start} ${percent}`;
          expect(told.has(key)).toBe(false);
          told.add(key);
        }
        const same: readonly number[] = last?.periodStart === current.start ? last.alerted : [];
        last = next(decision, current.start, same);
      }
    }),
  );
});
