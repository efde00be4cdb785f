import { testMinutesOf, testPartOf } from '../../../bench/forecast/test-part';
import { traced } from './traced-counts';

test('two days are tested, a third of what is shorter than five', () => {
  expect([17_280, 7_200, 7_199, 1_440, 29].map(testMinutesOf)).toEqual([2_880, 2_880, 2_390, 480, 0]);
});

test('actual values, bars and scales are of the functions in order', () => {
  const rising = Array.from({ length: 240 }, (_, minute) => minute);
  const part = testPartOf([traced('flat', new Array(240).fill(3)), traced('rising', rising)]);
  expect(part.trainEnd).toBe(160);
  expect(part.origins).toEqual([160, 170, 180, 190, 200, 210, 220, 230]);
  expect([part.actual[0], part.actual[79], part.actual[80], part.actual[159]]).toEqual([3, 3, 160, 239]);
  expect(part.bars[0]).toBeCloseTo(3, 8);
  // The mean of 100 to 159 and two standard deviations of sixty whole numbers in a row.
  expect(part.bars[8]).toBeCloseTo(129.5 + 2 * Math.sqrt((60 ** 2 - 1) / 12), 8);
  expect([...part.scales]).toEqual([0, 1]);
});

test('too few minutes are refused', () => {
  expect(() => testPartOf([traced('a', new Array(100).fill(1))])).toThrow(/100 minutes are too few/);
});
