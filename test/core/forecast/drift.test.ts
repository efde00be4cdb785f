import { DriftWatch, errorBand } from '../../../core/forecast/drift';
import { RecentError } from '../../../core/forecast/recent-error';

test('a model without an error on its holdout has no band', () => {
  expect(errorBand({ wape: null })).toBeNull();
  expect(errorBand({})).toBeNull();
  expect(errorBand({ wape: 0.2 })).toEqual({ expected: 0.2, limit: expect.closeTo(0.4) as number });
});

test('an hour above the band is drift, a minute below it begins the hour anew, silence does neither', () => {
  const band = errorBand({ wape: 0.2 });
  const watch = new DriftWatch();
  const told = (errors: (number | null)[]) => errors.map((error) => watch.observe(error, band)).lastIndexOf(true);
  expect(told(Array<number>(59).fill(0.5))).toBe(-1);
  expect(told([0.3])).toBe(-1);
  expect(told(Array<number>(59).fill(0.5))).toBe(-1);
  expect(told([null, null])).toBe(-1);
  expect(told([0.5])).toBe(0);
  expect(told(Array<number>(59).fill(0.5))).toBe(-1);
  expect(watch.observe(0.5, null)).toBe(false);
});

test('the error of the last hour counts forecasts whose minutes have come', () => {
  const recent = new RecentError();
  for (let at = 0; at < 100; at++) recent.add(at, new Array<number>(10).fill(1));
  expect(recent.wape(100, () => 2)).toBeCloseTo(0.5);
  expect(recent.wape(100, () => 0)).toBeNull();
  // Fewer than 20 requests in an hour say nothing.
  expect(recent.wape(100, (minute) => (minute === 95 ? 19 : 0))).toBeNull();
});
