import fc from 'fast-check';
import { forecastChart } from '../../cli/forecast-chart';

test('past as bars, expected as points in their band', () => {
  const chart = forecastChart({ past: [0, 10, 5], mean: [5, 0], low: [2, 0], high: [8, 0] });
  expect(chart.split('\n')).toEqual([
    '10 ┤ █ │',
    '   ┤ █ │',
    '   ┤ █ │░░',
    '   ┤ █ │░░',
    ' 6 ┤ █ │●░',
    '   ┤ ██│░░',
    '   ┤ ██│░░',
    '   ┤ ██│░░',
    '   ┤ ██│',
    '   ┤ ██│  ●░',
    ' 0 ┼───┼────',
    '    -3 min now +2 min',
  ]);
});

test('any numbers make a chart of as many lines, and something is seen of each request', () => {
  const numbers = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(numbers, numbers, numbers, numbers, (past, mean, low, high) => {
      const lines = forecastChart({ past, mean, low, high }).split('\n');
      expect(lines).toHaveLength(12);
      const bottom = [...(lines[9] ?? '').split('┤')[1]!.split('│')[0]!];
      past.forEach((count, i) => expect(bottom[i] === ' ').toBe(count === 0));
    }),
  );
});
