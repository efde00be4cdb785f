import { ceilingForOthers, reserves } from '../../../core/budget/critical-reserve';
import { picoOfDollars } from '../../../core/cost/money-text';

const LIMIT = picoOfDollars('100');
const ceiling = (criticalShare: number, reserving = true): bigint =>
  ceilingForOthers({ limit: '100', criticalShare }, reserving);

test('a part is kept only where critical functions share a budget with others', () => {
  const [critical, other] = [{ critical: true }, { critical: false }];
  expect(reserves([])).toBe(false);
  expect(reserves([other, other])).toBe(false);
  expect(reserves([critical, critical])).toBe(false);
  expect(reserves([other, critical, other])).toBe(true);
  expect(ceiling(20, false)).toBe(LIMIT);
});

test('others are served until only the share of critical functions is left', () => {
  expect(ceiling(20)).toBe(picoOfDollars('80'));
  expect(ceiling(0)).toBe(LIMIT);
  expect(ceiling(100)).toBe(0n);
  // Rounded for the others: no picodollar is kept from them that is not the share's.
  expect(ceilingForOthers({ limit: '0.000001', criticalShare: 33 }, true)).toBe(670_000n);
});
