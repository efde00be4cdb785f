import fc from 'fast-check';
import { ceilingForOthers } from '../../../core/budget/critical-reserve';
import { picoOfDollars } from '../../../core/cost/money-text';

const LIMIT = picoOfDollars('100');
const ceiling = (criticalShare: number, spentByCritical: bigint | null): bigint =>
  ceilingForOthers({ limit: '100', criticalShare }, spentByCritical);

test('a budget without critical functions keeps nothing back', () => {
  expect(ceiling(20, null)).toBe(LIMIT);
});

test('what critical functions have not spent of their share is kept for them', () => {
  expect(ceiling(20, 0n)).toBe(picoOfDollars('80'));
  expect(ceiling(20, picoOfDollars('15'))).toBe(picoOfDollars('95'));
  expect(ceiling(20, picoOfDollars('20'))).toBe(LIMIT);
  expect(ceiling(20, picoOfDollars('60'))).toBe(LIMIT);
  expect(ceiling(0, 0n)).toBe(LIMIT);
  expect(ceiling(100, 0n)).toBe(0n);
});

test('others never get into what is left of the share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.bigInt(0n, 2n * LIMIT), (share, byCritical) => {
      const others = ceiling(share, byCritical) - byCritical;
      const theirs = byCritical > (LIMIT * BigInt(share)) / 100n ? byCritical : (LIMIT * BigInt(share)) / 100n;
      expect(others).toBe(LIMIT - theirs);
    }),
  );
});
