import fc from 'fast-check';
import { featuresAt, seasonalAt } from '../../../core/forecast/features';

const DAY = 1_440;
/** A Saturday, 1970-01-03, at midnight. */
const SATURDAY = 2 * DAY;

test('the time is that of the first minute that is not known', () => {
  const counts = new Float64Array(3 * DAY);
  expect(featuresAt(counts, 90, { firstMinute: SATURDAY })).toMatchObject({
    hourOfDay: 1.5,
    dayOfWeek: 5,
    isWeekend: true,
  });
  expect(featuresAt(counts, 2 * DAY, { firstMinute: SATURDAY })).toMatchObject({
    hourOfDay: 0,
    dayOfWeek: 0,
    isWeekend: false,
  });
});

test('lags, means, deviation and trend of the last hour', () => {
  const rising = Float64Array.from({ length: 60 }, (_, minute) => 2 * minute);
  const features = featuresAt(rising, 60, { firstMinute: 0 });
  expect(features).toMatchObject({
    lag1: 118,
    lag2: 116,
    lag3: 114,
    mean5: 114,
    mean15: 104,
    mean60: 59,
    sinceLast: 1,
  });
  expect(features.trend).toBeCloseTo(2, 12);
  expect(features.deviation60).toBeCloseTo(2 * Math.sqrt((60 ** 2 - 1) / 12), 9);
  // A straight line leaves nothing over.
  expect(features.residual).toBeCloseTo(0, 9);
});

test('what comes each day at the same time is its season', () => {
  const daily = Float64Array.from({ length: 4 * DAY }, (_, minute) => {
    const time = minute % DAY;
    return time >= 600 && time < 660 ? 24 : 0;
  });
  expect(seasonalAt(daily, 3 * DAY + 630, 3 * DAY + 620)).toBeCloseTo(23, 6);
  expect(seasonalAt(daily, 3 * DAY + 100, 3 * DAY + 90)).toBeCloseTo(-1, 6);
  expect(seasonalAt(daily, 630, 620)).toBe(0);
});

test('nothing of the future is seen', () => {
  const counts = Float64Array.from({ length: 3 * DAY }, (_, minute) => (minute * 7) % 11);
  const origin = 2 * DAY + 77;
  const changed = counts.slice();
  changed.fill(1_000, origin);
  const clock = { firstMinute: 0 };
  expect(featuresAt(changed, origin, clock)).toEqual(featuresAt(counts, origin, clock));
  expect(seasonalAt(changed, origin + 9, origin)).toBe(seasonalAt(counts, origin + 9, origin));
});

test('every number is finite, whatever the history', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 3_000 }),
      fc.integer({ min: -DAY, max: 30_000_000 }),
      (counts, firstMinute) => {
        const features = featuresAt(counts, counts.length, { firstMinute });
        expect(Object.values(features).every((value) => typeof value === 'boolean' || Number.isFinite(value))).toBe(
          true,
        );
        expect(features.sinceLast).toBeGreaterThanOrEqual(1);
      },
    ),
  );
});
