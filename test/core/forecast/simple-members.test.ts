import fc from 'fast-check';
import { median } from '../../../core/forecast/median';
import {
  bestPeriod,
  naive,
  seasonalMedian,
  seasonalNaive,
  trailingMean,
  trailingMedian,
  zero,
} from '../../../core/forecast/simple-members';

const COUNTS = [5, 1, 2, 9, 3, 4];
const of = (member: { forecast: typeof zero.forecast }, horizon = 3, origin = 6): number[] => [
  ...member.forecast(COUNTS, origin, horizon),
];

test('each by hand', () => {
  expect(of(zero)).toEqual([0, 0, 0]);
  expect(of(naive)).toEqual([4, 4, 4]);
  expect(of(trailingMean(4))).toEqual([4.5, 4.5, 4.5]);
  expect(of(trailingMedian(4))).toEqual([3.5, 3.5, 3.5]);
  expect(of(seasonalNaive(2))).toEqual([3, 4, 3]);
  expect(of(seasonalNaive(4))).toEqual([2, 9, 3]);
  expect(of(seasonalMedian(2), 2)).toEqual([3, 4]);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBe(0);
});

test('before the first minute there were no requests', () => {
  expect(of(trailingMean(60), 1)).toEqual([24 / 60]);
  expect(of(seasonalNaive(1440), 2)).toEqual([0, 0]);
});

test('what is behind the origin is not looked at', () => {
  for (const member of [naive, trailingMean(3), trailingMedian(3), seasonalNaive(2), seasonalMedian(2)]) {
    expect(of(member, 3, 4)).toEqual([...member.forecast(COUNTS.slice(0, 4), 4, 3)]);
  }
});

test('a timer’s period is found, and taken for an hour where there is too little to tell', () => {
  const timer = Float64Array.from({ length: 10_000 }, (_, minute) => (minute % 15 === 7 ? 3 : 0));
  expect(bestPeriod(timer, 10_000)).toBe(15);
  expect(bestPeriod(timer, 8_000)).toBe(60);
});

test('finite and never negative, whatever the history', () => {
  const members = [
    zero,
    naive,
    trailingMean(10),
    trailingMedian(60),
    seasonalNaive(60),
    seasonalNaive(3),
    seasonalMedian(7),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(...members),
      (counts, horizon, member) => {
        const forecast = [...member.forecast(counts, counts.length, horizon)];
        expect(forecast).toHaveLength(horizon);
        expect(forecast.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
      },
    ),
  );
});
