import { errorSources } from '../../../../bench/forecast/report/error-sources';
import { scoredWith } from '../../../../bench/forecast/scored-row';
import { testPartOf } from '../../../../bench/forecast/test-part';
import { traced } from '../traced-counts';

test('a pattern with a quarter of the requests and half of the error', () => {
  const part = testPartOf([
    traced('a', new Array(480).fill(3), { pattern: 'steady' }),
    traced('b', new Array(480).fill(1), { pattern: 'bursty' }),
  ]);
  const row = (name: string, role: 'mix' | 'member' | 'anchor' | 'floor', wapes: readonly [number, number, number]) =>
    scoredWith(part, { name, role, cpuMsPerFunction: 0, bytesPerFunction: 0, cached: false }, (places) => ({
      wape: wapes[places.length === 2 ? 2 : (places[0] as 0 | 1)],
      requests: places.reduce((sum, place) => sum + (place === 0 ? 480 : 160), 0),
    }));
  const rows = [
    row('naive', 'member', [0.2, 0.4, 0.25]),
    row('hybrid', 'mix', [0.1, 0.3, 0.15]),
    row('LightGBM L1', 'anchor', [0.15, 0.35, 0.2]),
    row('LightGBM L2', 'anchor', [0.11, 0.36, 0.2]),
    row('Poisson floor', 'floor', [0.4, 0.5, 0.45]),
  ];
  expect(errorSources(rows).slice(6, 8)).toEqual([
    '| bursty | 1 | 25.0 % | 50.0 % | 0.300 | 0.400 | 0.350 | 0.500 |',
    '| steady | 1 | 75.0 % | 50.0 % | 0.100 | 0.200 | 0.110 | 0.400 |',
  ]);
  expect(errorSources(rows.slice(0, 1))).toEqual([]);
});
