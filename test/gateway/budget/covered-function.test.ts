import { CoveredFunction } from '../../../gateway/budget/covered-function';

test('what a call is expected to cost follows what calls cost, and hardly those that stand out', () => {
  const fn = new CoveredFunction('f-id', 'f', 500);
  const expected = (): number => {
    const held = fn.enter();
    fn.leave(held);
    return held;
  };
  expect(expected()).toBe(500);
  fn.spent(1_000);
  expect(expected()).toBe(1_000);
  // Late by a second, with a credit for it.
  fn.spent(10_000_000);
  expect(expected()).toBeLessThanOrEqual(1_050);
  for (let call = 0; call < 100; call++) fn.spent(5_000);
  expect(expected()).toBeGreaterThan(4_500);
  for (let call = 0; call < 100; call++) fn.spent(1_000);
  expect(expected()).toBeLessThan(1_100);
});

test('calls that cost nothing do not keep the expectation at nothing', () => {
  const fn = new CoveredFunction('f-id', 'f', 500);
  fn.spent(0);
  fn.spent(2_000);
  const held = fn.enter();
  expect(held).toBe(2_000);
});
