import fc from 'fast-check';
import { Purse } from '../../../core/budget/purse';
import type { FunctionTarget } from '../../../core/warming/function-target';
import { grantTargets, limitTarget, peakOf, type AskedTarget } from '../../../core/warming/grant-targets';

const target = (peak: number, uses: readonly number[] = [0.1]): FunctionTarget => ({
  steps: [
    { after: 0, running: Math.min(1, peak), frozen: Math.max(0, peak - 1) },
    { after: 60, running: 0, frozen: 0 },
  ],
  keepAlive: [600],
  pool: 0,
  uses,
});
const asked = (id: string, change: Partial<AskedTarget> = {}): AskedTarget => ({
  id,
  bytes: 100,
  floor: 0,
  target: target(2),
  saved: 10,
  grantedBefore: 0,
  ...change,
});
const granted = (wishes: AskedTarget[], capacity: number) => Object.fromEntries(grantTargets(wishes, capacity));

test('all get what they ask for where there is room', () => {
  expect(granted([asked('a'), asked('b')], 400)).toEqual({ a: 2, b: 2 });
});

test('what saves most by byte goes first, what was declared before all', () => {
  const wishes = [asked('rare', { target: target(2, [0.01]), floor: 1 }), asked('often'), asked('big', { bytes: 200 })];
  expect(granted(wishes, 300)).toEqual({ rare: 1, often: 2, big: 0 });
  expect(granted(wishes, 600)).toEqual({ rare: 2, often: 2, big: 1 });
});

test('one that does not fit leaves its place to smaller ones', () => {
  const wishes = [asked('big', { bytes: 900, target: target(1, [9]) }), asked('small')];
  expect(granted(wishes, 250)).toEqual({ big: 0, small: 2 });
});

test('near the limit the same ones keep what they have', () => {
  const wishes = (a: number, b: number) => [
    asked('a', { target: target(1, [a]), grantedBefore: 1 }),
    asked('b', { target: target(1, [b]) }),
  ];
  expect(granted(wishes(0.1, 0.11), 100)).toEqual({ a: 1, b: 0 });
  expect(granted(wishes(0.1, 0.2), 100)).toEqual({ a: 0, b: 1 });
});

test('a full node, and one without memory, hold nothing', () => {
  expect(granted([asked('a', { floor: 2 })], 0)).toEqual({ a: 0 });
  expect(granted([asked('a')], 99)).toEqual({ a: 0 });
});

test('a limited target has no step above what was granted, and what rests beyond ends at once', () => {
  const limited = limitTarget({ ...target(3), keepAlive: [600, 600, 300], pool: 3 }, 1);
  expect(limited.steps).toEqual([
    { after: 0, running: 1, frozen: 0 },
    { after: 60, running: 0, frozen: 0 },
  ]);
  expect(limited).toMatchObject({ keepAlive: [600, 0], pool: 1 });
  expect(limitTarget(target(3), 3)).toEqual(target(3));
});

test('whatever is asked for: together never above capacity, nobody above what was asked, the declared before the others', () => {
  const number = fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constantFrom(Number.NaN, Infinity, 1e9));
  const wish = fc.record({
    bytes: fc.integer({ min: 1, max: 500 }),
    floor: fc.nat(9),
    peak: fc.nat(8),
    uses: fc.array(number, { maxLength: 5 }).map((uses) => uses.sort((a, b) => b - a)),
    saved: number,
    grantedBefore: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), fc.nat(4_000), (wishes, capacity) => {
      const all = wishes.map(({ peak, uses, ...rest }, index) => {
        return { ...rest, id: `f${index}`, target: target(peak, [...uses, 0]) };
      });
      const given = grantTargets(all, capacity);
      const used = all.reduce((sum, { id, bytes }) => sum + bytes * (given.get(id) ?? 0), 0);
      expect(used).toBeLessThanOrEqual(capacity);
      for (const each of all) {
        const own = given.get(each.id) ?? 0;
        expect(own).toBeLessThanOrEqual(peakOf(each.target));
        expect(peakOf(limitTarget(each.target, own))).toBeLessThanOrEqual(own);
      }
      const declared = all.reduce(
        (sum, { bytes, floor, target: { steps } }) => sum + bytes * Math.min(floor, peakOf({ steps })),
        0,
      );
      if (declared <= capacity) {
        for (const each of all) {
          expect(given.get(each.id)).toBeGreaterThanOrEqual(Math.min(each.floor, peakOf(each.target)));
        }
      }
    }),
  );
});

test('what a budget leaves is shared by its functions; what was declared is not asked for it', () => {
  const purse = new Purse(5);
  const wishes = [
    asked('often', { target: target(2, [1]), purses: [purse], price: 2 }),
    asked('rare', { target: target(2, [0.01]), purses: [purse], price: 2 }),
    asked('declared', { target: target(3, [0.001]), floor: 2, purses: [purse], price: 2 }),
    asked('other', { target: target(2, [0.001]) }),
  ];
  expect(granted(wishes, 10_000)).toEqual({ often: 2, rare: 0, declared: 2, other: 2 });
  expect(purse.left).toBe(1);
});

test('whatever is asked for, a purse is never overdrawn', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ peak: fc.nat(5), price: fc.integer({ min: 1, max: 9 }), floor: fc.nat(2) }), {
        maxLength: 8,
      }),
      fc.nat(60),
      (all, money) => {
        const purse = new Purse(money);
        const wishes = all.map(({ peak, price, floor }, at) => {
          return asked(`f${at}`, { target: target(peak), floor: Math.min(floor, peak), purses: [purse], price });
        });
        const found = grantTargets(wishes, 1e9);
        const taken = wishes.reduce((sum, { id, floor, price = 0 }) => {
          return sum + Math.max(0, (found.get(id) ?? 0) - floor) * price;
        }, 0);
        expect(taken).toBe(money - purse.left);
        expect(purse.left).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
