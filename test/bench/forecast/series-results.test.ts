import { seriesResults } from '../../../bench/forecast/series-results';
import { traced } from './traced-counts';

test('without the models of others each series has our errors in both widths, and no rival', async () => {
  const counts = Array.from({ length: 603 }, (_, minute) => minute % 10);
  const results = await seriesResults([traced('a', counts), traced('b', counts.slice(3))], null, () => undefined);
  expect(results.map(({ id, binMinutes, rival }) => [id, binMinutes, rival])).toEqual([
    ['a', 1, null],
    ['b', 1, null],
    ['a', 5, null],
    ['b', 5, null],
  ]);
  // From 3, 4, 5 … on, five by five, naive says 2 each: 10 where 25 and 20 come.
  const naive = results.find(({ id, binMinutes }) => id === 'b' && binMinutes === 5)?.errors.get('naive');
  expect(naive).toBeCloseTo((15 + 10) / 45, 9);
});
