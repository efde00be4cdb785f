import fc from 'fast-check';
import { DEGRADE_STEPS } from '../../../core/budget/budget-spec';
import { stepEffects, type FunctionSpend } from '../../../core/budget/step-effects';

const one: FunctionSpend = {
  critical: false,
  calls: 1_000n,
  tiered: 800n,
  warmth: 400n,
  predicted: 0.5,
  overlong: 0.25,
  cheaper: 0.5,
  crowded: 0.1,
};

test('each step saves of what those before it have left', () => {
  expect([...stepEffects(DEGRADE_STEPS, [one])]).toEqual([
    ['drop-predictive-warmth', 200n],
    ['shorten-keep-alive', 50n],
    ['cheaper-tier', 400n],
    ['queue', 60n],
    ['refuse', 540n + 150n],
  ]);
});

test('critical functions are left alone', () => {
  expect([...stepEffects(DEGRADE_STEPS, [{ ...one, critical: true }]).values()]).toEqual([0n, 0n, 0n, 0n, 0n]);
});

test('together they save what there is, and never more', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const spend = fc
    .record({ calls: fc.bigInt(0n, 10n ** 15n), tieredPart: share, warmth: fc.bigInt(0n, 10n ** 15n), predicted: share, overlong: share, cheaper: share, crowded: share })
    .map(({ tieredPart, ...own }): FunctionSpend => ({ ...own, critical: false, tiered: (own.calls * BigInt(Math.round(tieredPart * 100))) / 100n })); // prettier-ignore
  fc.assert(
    fc.property(
      fc.array(spend, { maxLength: 5 }),
      fc.shuffledSubarray([...DEGRADE_STEPS].slice(0, 4)),
      (spends, steps) => {
        const effects = [...stepEffects([...steps, 'refuse'], spends).values()];
        expect(effects.every((effect) => effect >= 0n)).toBe(true);
        const all = spends.reduce((sum, { calls, warmth }) => sum + calls + warmth, 0n);
        expect(effects.reduce((sum, effect) => sum + effect, 0n)).toBe(all);
      },
    ),
  );
});
