import { DEFAULT_PRICES, rungsOf } from '../../../core/warming/prices';
import { StartTimes } from '../../../core/warming/start-times';

const seconds = { warm: 0.0027, restore: 0.025, cold: 1.2 };

test('memory is paid for on each rung but the last, a wait by its length', () => {
  const rungs = rungsOf({ memoryGb: 0.25, hasCheckpoint: false }, DEFAULT_PRICES, seconds);
  expect(rungs.map(({ name }) => name)).toEqual(['running', 'frozen', 'nothing']);
  expect(rungs.map(({ holding }) => holding)).toEqual([4.1675 + 0.56, 4.1675, 0]);
  expect(rungs.map(({ delayPrice }) => delayPrice)).toEqual([0, 27, 12_000]);
});

test('with a checkpoint the last rung starts from it, and costs nothing to hold', () => {
  const last = rungsOf({ memoryGb: 1, hasCheckpoint: true }, DEFAULT_PRICES, seconds).at(-1);
  expect(last).toEqual({ name: 'local', holding: 0, delaySeconds: 0.025, delayPrice: 250 });
});

test('no rung is faster than the one above it, whatever was measured', () => {
  const odd = { warm: 2, restore: 0.01, cold: 0.1 };
  for (const hasCheckpoint of [true, false]) {
    const rungs = rungsOf({ memoryGb: 1, hasCheckpoint }, DEFAULT_PRICES, odd);
    rungs.forEach(({ delaySeconds, holding }, index) => {
      expect(delaySeconds).toBeGreaterThanOrEqual(rungs[index - 1]?.delaySeconds ?? 0);
      expect(holding).toBeLessThanOrEqual(rungs[index - 1]?.holding ?? Infinity);
    });
  }
});

test('start times are learned from what callers waited for', () => {
  const times = new StartTimes({ warm: 0.003, restore: 0.02, cold: 0.1 });
  for (let start = 0; start < 50; start++) times.learn('cold', 0.9);
  expect(times.cold).toBeCloseTo(0.9, 3);
  const before = { ...times };
  times.learn('hot', 5);
  times.learn(null, 5);
  for (const odd of [Number.NaN, -1, 0, 1e9]) times.learn('warm', odd);
  expect({ ...times }).toEqual(before);
});
