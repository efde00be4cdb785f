import { seriesInWords, stacked, type ChartSeries } from '../../console/src/ui/chart-data';

const series = (kind: ChartSeries['kind'], values: (number | null)[]): ChartSeries => ({
  label: 'x',
  kind,
  values,
  colour: '--hot',
});

test('areas stand on each other, lines do not', () => {
  expect(stacked([series('area', [1, null, 2]), series('line', [9, 9, 9]), series('area', [3, 4, null])])).toEqual([
    [1, 0, 2],
    [9, 9, 9],
    [4, 4, 2],
  ]);
});

test('a series is told in words', () => {
  expect(seriesInWords(series('line', [5, null, 1.23456]), 'ms')).toBe('x: 1.23 ms now, between 1.23 ms and 5 ms');
  expect(seriesInWords(series('line', [null]), '')).toBe('x: nothing yet');
});
