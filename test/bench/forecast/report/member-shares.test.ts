import { ForecastTable } from '../../../../bench/forecast/forecast-table';
import { shareTable } from '../../../../bench/forecast/report/member-shares';
import { STEPS, testPartOf } from '../../../../bench/forecast/test-part';
import { traced } from '../traced-counts';

test('mean weights in all and by pattern, the greatest first; a member that was not asked has none', () => {
  const part = testPartOf([
    traced('a', new Array(480).fill(1), { pattern: 'timer' }),
    traced('b', new Array(480).fill(1), { pattern: 'bursty' }),
  ]);
  const table = new ForecastTable(part);
  const windows = part.origins.length;
  for (let place = 0; place < 2 * windows; place++) {
    const weights: Record<string, number> = place < windows ? { lag: 0.25, mean: 0.75 } : { lag: 1 };
    table.set(place, { point: new Float64Array(STEPS), weights });
  }
  expect(shareTable(part, table)).toEqual([
    '| member | all | bursty | timer |',
    '| --- | ---: | ---: | ---: |',
    '| lag | 0.63 | 1.00 | 0.25 |',
    '| mean | 0.38 | 0.00 | 0.75 |',
  ]);
});
