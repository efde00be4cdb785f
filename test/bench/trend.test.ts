import { fitLine, growthOfLastHalf } from '../../bench/harness/trend';

const series = (value: (at: number) => number): { at: number; value: number }[] =>
  Array.from({ length: 61 }, (_, at) => ({ at, value: value(at) }));

test('a line through points on a line is that line', () => {
  const line = fitLine(series((at) => 5 + 2 * at));
  expect(line.slope).toBeCloseTo(2);
  expect(line.at(100)).toBeCloseTo(205);
  expect(() => fitLine([{ at: 1, value: 1 }])).toThrow(RangeError);
});

test('what rises and then stays has not grown in the last half; what goes on rising has', () => {
  expect(growthOfLastHalf(series((at) => Math.min(at, 20)))).toBeCloseTo(0);
  expect(growthOfLastHalf(series((at) => 100 + at))).toBeCloseTo(160 / 130 - 1);
  expect(growthOfLastHalf(series((at) => 100 - at))).toBeLessThan(0);
});

test('a single peak near the middle of the last half is no growth', () => {
  expect(Math.abs(growthOfLastHalf(series((at) => (at === 45 ? 200 : 100))))).toBeLessThan(0.01);
});
