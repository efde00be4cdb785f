import fc from 'fast-check';
import { DEGRADE_STEPS, type DegradeStep } from '../../../core/budget/budget-spec';
import { decideSteps, inForce, SETTLES_MS, type LadderFacts, type StepPlan } from '../../../core/budget/ladder';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMIT = 1_000_000n;
const share = (percent: number): bigint => (LIMIT * BigInt(Math.round(percent * 100))) / 10_000n;
const EFFECTS = new Map<DegradeStep, bigint>([
  ['drop-predictive-warmth', 2_000n],
  ['shorten-keep-alive', 1_000n],
  ['cheaper-tier', 3_000n],
  ['queue', 5_000n],
  ['refuse', 20_000n],
]);

function facts(change: Partial<LadderFacts> = {}): LadderFacts {
  return {
    steps: DEGRADE_STEPS,
    effects: EFFECTS,
    ceiling: LIMIT,
    spent: share(80),
    forecast: share(90),
    hoursLeft: 10,
    before: [],
    changedAt: null,
    now: 100 * HOUR,
    ...change,
  };
}

/** Decisions one minute apart; each looks at the steps of the one before. */
function follow(looks: readonly Partial<LadderFacts>[]): { steps: readonly DegradeStep[]; changes: number }[] {
  let before: readonly StepPlan[] = [];
  let changedAt: number | null = null;
  return looks.map((look, index) => {
    const now = 100 * HOUR + index * MINUTE;
    const { plan, taken, restored } = decideSteps(facts({ ...look, before, changedAt, now }));
    before = plan;
    const changes = taken.length + restored.length;
    if (changes > 0) changedAt = now;
    return { steps: inForce(plan), changes };
  });
}

test('nothing is done while the forecast stays within the limit, and each step states its effect all the same', () => {
  const { plan, taken, restored } = decideSteps(facts());
  expect([taken, restored, inForce(plan)]).toEqual([[], [], []]);
  expect(plan[0]).toEqual({ step: 'drop-predictive-warmth', since: null, perHour: 2_000n, toEnd: 20_000n });
});

test('as many steps are taken as the forecast needs, the mildest first', () => {
  expect(decideSteps(facts({ forecast: share(101) })).taken).toEqual(['drop-predictive-warmth']);
  expect(decideSteps(facts({ forecast: share(102.5) })).taken).toEqual([
    'drop-predictive-warmth',
    'shorten-keep-alive',
  ]);
  expect(decideSteps(facts({ forecast: share(120) })).taken).toEqual([
    'drop-predictive-warmth',
    'shorten-keep-alive',
    'cheaper-tier',
  ]);
});

test('no step is taken below its percent, however bad the forecast is', () => {
  expect(decideSteps(facts({ spent: share(49), forecast: share(900) })).taken).toEqual([]);
  expect(decideSteps(facts({ spent: share(50), forecast: share(900) })).taken).toEqual(['drop-predictive-warmth']);
  expect(decideSteps(facts({ spent: share(95), forecast: share(900) })).taken).toContain('queue');
});

test('at the limit new work is refused, whatever the forecast says; without that step it never is', () => {
  expect(decideSteps(facts({ spent: LIMIT, forecast: LIMIT })).taken).toContain('refuse');
  const soft = DEGRADE_STEPS.slice(0, 4);
  expect(decideSteps(facts({ steps: soft, spent: 2n * LIMIT, forecast: 3n * LIMIT })).taken).toEqual(soft);
});

test('a step that saves nothing is left out', () => {
  const effects = new Map(EFFECTS).set('drop-predictive-warmth', 0n);
  expect(decideSteps(facts({ effects, forecast: share(101) })).taken).toEqual(['shorten-keep-alive']);
});

test('while a step shows in the forecast little by little, no further ones are taken for it', () => {
  const seen = [0, 15, 30, 45, 60].map((minute) => ({
    minute,
    forecast: 1_015_000n - (20_000n * BigInt(minute)) / 60n,
  }));
  const looks = Array.from({ length: 61 }, (_, minute) => ({
    forecast: seen.filter((look) => look.minute <= minute).at(-1)?.forecast ?? 0n,
  }));
  const last = follow(looks).at(-1);
  expect(last?.steps).toEqual(['drop-predictive-warmth']);
});

test('when the period turns, steps are taken back one by one, the hardest first', () => {
  const turned = { spent: 0n, forecast: share(50) };
  const steps = follow([{ spent: LIMIT, forecast: 2n * LIMIT }, ...Array<typeof turned>(6).fill(turned)]);
  expect(steps.map((decision) => decision.steps.length)).toEqual([5, 4, 3, 2, 1, 0, 0]);
  expect(steps[1]?.steps).not.toContain('refuse');
});

test('when the limit is raised, what it leaves room for is taken back at once, the rest stays', () => {
  const raised = { ceiling: 2n * LIMIT, spent: (2n * LIMIT * 65n) / 100n, forecast: 3n * LIMIT };
  const steps = follow([{ spent: LIMIT, forecast: 2n * LIMIT }, ...Array<typeof raised>(4).fill(raised)]);
  expect(steps.at(-1)?.steps).toEqual(['drop-predictive-warmth', 'shorten-keep-alive']);
});

test('in the same period a step is taken back when the forecast without it leaves room, ten minutes after the last change', () => {
  const over = { forecast: share(101) };
  const minutes = follow([over, ...Array<Partial<LadderFacts>>(20).fill({ forecast: share(70) })]);
  const restored = minutes.findIndex(({ steps }, index) => index > 0 && steps.length === 0);
  expect(restored * MINUTE).toBe(SETTLES_MS);
});

test('a step that the budget does not name any more goes at once', () => {
  const before: StepPlan[] = [{ step: 'queue', since: 99 * HOUR, perHour: 1n, toEnd: 1n }];
  const { restored, plan } = decideSteps(facts({ steps: ['refuse'], before }));
  expect([restored, inForce(plan)]).toEqual([['queue'], []]);
});

test('a forecast that trembles around the limit makes no step flap', () => {
  const trembling = fc.array(fc.integer({ min: 9_800, max: 10_200 }), { minLength: 240, maxLength: 240 });
  fc.assert(
    fc.property(trembling, (percents) => {
      const decisions = follow(percents.map((part) => ({ forecast: (LIMIT * BigInt(part)) / 10_000n })));
      expect(decisions.reduce((sum, { changes }) => sum + changes, 0)).toBeLessThanOrEqual(3);
    }),
    { numRuns: 50 },
  );
});

test('whatever comes: steps are of the budget, refuse is in force exactly at the limit or on its way back, and changes keep their pace', () => {
  const look = fc.record({
    spent: fc.integer({ min: 0, max: 120 }),
    forecast: fc.integer({ min: 0, max: 300 }),
    hoursLeft: fc.integer({ min: 0, max: 700 }),
  });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 90 }), (looks) => {
      // Within a period nothing is given back.
      const spends = looks.map(({ spent }) => spent).sort((a, b) => a - b);
      const decisions = follow(
        looks.map(({ forecast, hoursLeft }, index) => {
          const spent = share(spends[index] as number);
          return { spent, hoursLeft, forecast: spent + share(forecast) };
        }),
      );
      decisions.forEach(({ steps }, index) => {
        expect(steps.includes('refuse')).toBe((spends[index] as number) >= 100);
        if (index > 0) expect(steps.length).toBeGreaterThanOrEqual((decisions[index - 1]?.steps.length ?? 0) - 1);
      });
      const drops = decisions.filter(({ steps }, index) => steps.length < (decisions[index - 1]?.steps.length ?? 0));
      expect(drops.length).toBeLessThanOrEqual(Math.ceil((looks.length * MINUTE) / SETTLES_MS));
    }),
  );
});
