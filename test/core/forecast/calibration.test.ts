import {
  bucketOf,
  calibrationSchema,
  CalibrationTally,
  TRIED_LEVELS,
  UNCALIBRATED,
} from '../../../core/forecast/calibration';
import { QUANTILES } from '../../../core/forecast/forecast';
import { seededRandom } from '../../../core/random/seeded-random';

test('nothing seen: the spread is taken as it is', () => {
  const calibration = new CalibrationTally().calibration();
  expect(calibration).toEqual(UNCALIBRATED);
  expect(calibrationSchema.safeParse(calibration).success).toBe(true);
});

test('a spread that is half as wide as what comes is widened to what its levels say', () => {
  const random = seededRandom(5);
  const tally = new CalibrationTally();
  // What comes is even between 0 and 100; the spread says between 25 and 75.
  const said = TRIED_LEVELS.map((level) => 25 + 50 * level);
  for (let i = 0; i < 20_000; i++) tally.minute(100 * random(), 50, said);
  const levels = tally.calibration().minutes[bucketOf(50)] as number[];
  const quantile = (level: number): number => 25 + 50 * (levels[QUANTILES.indexOf(level as 0.5)] as number);
  // The inner quantiles can be had from it: those of 0.25 and 0.75 are at 25 and 75.
  expect(quantile(0.25)).toBeLessThan(27);
  expect(quantile(0.75)).toBeGreaterThan(73);
  expect(quantile(0.5)).toBe(50);
});

test('of rare requests the narrowest interval that is missed no more often than it says', () => {
  const random = seededRandom(6);
  const tally = new CalibrationTally();
  const said = TRIED_LEVELS.map((level) => (level > 0.6 ? 1 : 0));
  for (let i = 0; i < 20_000; i++) tally.minute(random() < 0.02 ? 1 : 0, 0.02, said);
  const levels = tally.calibration().minutes[bucketOf(0.02)] as number[];
  // Two in a hundred are above 0: that is less than the five which the interval's end may miss, and more than one.
  expect(levels[QUANTILES.indexOf(0.95)]).toBeLessThanOrEqual(0.6);
  expect(levels[QUANTILES.indexOf(0.99)]).toBeGreaterThan(0.6);
});

test('alarms are raised where they were right often enough', () => {
  const random = seededRandom(7);
  const tally = new CalibrationTally();
  for (let i = 0; i < 20_000; i++) {
    const share = random();
    tally.spike(share, random() < share);
  }
  // Of shares above s, evenly spread, (1 + s) / 2 are right: 0.57 at s = 0.14.
  expect(tally.calibration().alarm).toBeGreaterThan(0.1);
  expect(tally.calibration().alarm).toBeLessThan(0.2);
});
