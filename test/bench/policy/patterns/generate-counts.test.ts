import { fitPattern } from '../../../../bench/policy/patterns/fit-pattern';
import { generatedSource, generateFunctions } from '../../../../bench/policy/patterns/generate-counts';

const WEEK = 7 * 1_440;
const PROFILE = { p50Ms: 100, p99Ms: 200, memoryMb: 128 };
const plan = { functions: 4, callsADay: 40_000, days: 7, seed: 1 };

/** Calls by day, none by night. */
const byDay = Array.from({ length: WEEK }, (_, minute) => (minute % 1_440 >= 720 ? 2 : 0));
/** Five minutes of calls in each hour. */
const inBursts = Array.from({ length: WEEK }, (_, minute) => (minute % 60 < 5 ? 3 : 0));

function total(counts: ArrayLike<number>, take: (minute: number) => boolean = () => true): number {
  return Array.from(counts).reduce((sum, count, minute) => sum + (take(minute) ? count : 0), 0);
}

test('a fit finds the hours, the rates and the bursts', () => {
  const fit = fitPattern([byDay, byDay.map((count) => 2 * count)], false);
  expect([fit.week[0], fit.week[13]]).toEqual([0, 2]);
  expect([...fit.rates]).toEqual([1, 2]);
  expect(fit.hourSigma).toBe(0);
  const { bursts } = fitPattern([inBursts], true);
  expect(Math.exp(bursts?.spacing.mean ?? 0)).toBeCloseTo(55);
  expect(Math.exp(bursts?.duration.mean ?? 0)).toBeCloseTo(5);
  expect(bursts?.level).toEqual({ mean: 0, sigma: 0 });
  expect(() => fitPattern([], false)).toThrow(RangeError);
});

test('generated functions have the hours of the real ones and together the traffic asked for', () => {
  const made = generateFunctions('diurnal', fitPattern([byDay], false), [PROFILE], plan);
  const counts = made.map((item) => generatedSource(item).counts);
  expect(counts.reduce((sum, each) => sum + total(each), 0)).toBeGreaterThan(0.97 * 280_000);
  expect(counts.reduce((sum, each) => sum + total(each), 0)).toBeLessThan(1.03 * 280_000);
  expect(total(counts[0] ?? [], (minute) => minute % 1_440 < 720)).toBe(0);
  expect(made.map((item) => generatedSource(item).counts)).toEqual(counts);
});

test('bursts are as long and as far apart as the real ones', () => {
  const made = generateFunctions('bursty', fitPattern([inBursts], true), [PROFILE], plan);
  const [item] = made;
  const { counts } = generatedSource(item as (typeof made)[number]);
  expect(total(Array.from(counts, (count) => (count > 0 ? 1 : 0))) / WEEK).toBeCloseTo(5 / 60, 2);
});
