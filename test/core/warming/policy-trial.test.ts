import fc from 'fast-check';
import {
  challenge,
  FEWEST_CALLS,
  judgeWindow,
  policiesOnTrial,
  PROBATION_WINDOWS,
  putLive,
  type PolicyTrial,
  type WindowPrice,
} from '../../../core/warming/policy-trial';

const trial: PolicyTrial = { live: 'presage', challenger: null, previous: null, probation: 0, reverted: [] };
const price = (policy: string, value: number, calls = 100): WindowPrice => ({ policy, calls, price: value });

test('a challenger that wins its window takes over, and the one before is watched on', () => {
  const challenged = challenge(trial, 'fixed:10m');
  expect(policiesOnTrial(challenged)).toEqual(['presage', 'fixed:10m']);
  const verdict = judgeWindow(challenged, [price('presage', 100), price('fixed:10m', 90)]);
  expect(verdict).toMatchObject({
    decision: 'promote',
    reason: 'fixed:10m had cost 90.00, presage 100.0: it takes over',
    next: { live: 'fixed:10m', challenger: null, previous: 'presage', probation: PROBATION_WINDOWS },
  });
  expect(policiesOnTrial(verdict.next)).toEqual(['fixed:10m', 'presage']);
});

test('less than the margin is no win', () => {
  const challenged = challenge(trial, 'fixed:10m');
  const verdict = judgeWindow(challenged, [price('presage', 100), price('fixed:10m', 99)]);
  expect(verdict).toEqual({
    decision: 'keep',
    reason: 'presage had cost 100.0, fixed:10m 99.00: it stays',
    next: challenged,
  });
});

test('a bad policy that was put live is reverted by the first window that goes against it, and wins no more by itself', () => {
  const bad = putLive(challenge(trial, 'seed'), 'none');
  expect(bad).toMatchObject({ live: 'none', previous: 'presage', challenger: 'seed' });
  const verdict = judgeWindow(bad, [price('none', 500), price('presage', 100), price('seed', 90)]);
  expect(verdict).toMatchObject({
    decision: 'revert',
    next: { live: 'presage', previous: null, challenger: 'seed', reverted: ['none'] },
  });
  const again = { ...verdict.next, challenger: 'none' };
  expect(judgeWindow(again, [price('none', 50), price('presage', 100)])).toMatchObject({
    decision: 'keep',
    next: again,
  });
  expect(challenge(again, 'none').reverted).toEqual([]);
  expect(putLive(again, 'none').reverted).toEqual([]);
});

test('after its probation a policy is compared with the one before no more', () => {
  let now = putLive(trial, 'fixed:10m');
  for (let window = 0; window < PROBATION_WINDOWS; window++) {
    expect(now.previous).toBe('presage');
    now = judgeWindow(now, [price('fixed:10m', 100), price('presage', 100)]).next;
  }
  expect(now).toEqual({ ...trial, live: 'fixed:10m' });
});

test('windows with few calls, or without a price, decide nothing and count as nothing', () => {
  const bad = putLive(trial, 'none');
  const few = [price('none', 500, FEWEST_CALLS - 1), price('presage', 1, FEWEST_CALLS - 1)];
  expect(judgeWindow(bad, few)).toMatchObject({ decision: 'keep', next: bad });
  expect(judgeWindow(bad, [price('presage', 1)])).toMatchObject({ decision: 'keep', next: bad });
  expect(judgeWindow(bad, [price('none', 500)]).decision).toBe('keep');
});

test('what is live already can be put live, and challenges nobody', () => {
  expect(putLive(putLive(trial, 'none'), 'none')).toMatchObject({ live: 'none', previous: null });
  expect(challenge(trial, 'presage').challenger).toBeNull();
});

test('whatever the prices: at most one change in a window, and never to a policy that costs more', () => {
  const policies = ['a', 'b', 'c'] as const;
  const prices = fc.array(fc.record({ policy: fc.constantFrom(...policies), calls: fc.nat(200), price: fc.nat(100) }));
  fc.assert(
    fc.property(
      prices,
      fc.option(fc.constantFrom('b', 'c')),
      fc.option(fc.constantFrom('b', 'c')),
      (all, next, before) => {
        const state: PolicyTrial = { live: 'a', challenger: next, previous: before, probation: 3, reverted: [] };
        const verdict = judgeWindow(state, all);
        const cost = (policy: string): number => all.find((item) => item.policy === policy)?.price ?? Infinity;
        if (verdict.decision === 'keep') expect(verdict.next.live).toBe('a');
        else expect(cost(verdict.next.live)).toBeLessThan(cost('a'));
      },
    ),
  );
});
