import { forecastFigures, seriesFigures } from '../../../../bench/forecast/report/forecast-figures';
import { bestMember, classTable, scoreTable } from '../../../../bench/forecast/report/score-table';
import { scoredWith, type ScoredRow } from '../../../../bench/forecast/scored-row';
import { testPartOf } from '../../../../bench/forecast/test-part';
import { traced } from '../traced-counts';

const part = testPartOf([
  traced('a', new Array(480).fill(1), { pattern: 'timer' }),
  traced('b', new Array(480).fill(1), { pattern: 'bursty' }),
]);

/** @param wapes of the timer and of the bursty one */
function row(name: string, role: ScoredRow['role'], wapes: readonly [number, number], more: object = {}): ScoredRow {
  return scoredWith(part, { name, role, cpuMsPerFunction: 1, bytesPerFunction: 2_048, cached: false }, (places) => ({
    wape: places.length === 2 ? (wapes[0] + wapes[1]) / 2 : wapes[places[0] as 0 | 1],
    ...more,
  }));
}

const rows = [
  row('naive', 'member', [0.2, 0.5]),
  row('zero', 'member', [0.4, 0.3]),
  row('hybrid', 'mix', [0.1, 0.31], { coverage90: 0.95, mape10: 0.1, mape10Functions: 1 }),
  row('LightGBM L1', 'anchor', [0.01, 0.01]),
];

test('the best single member of a class is neither a mixture nor an anchor, and stands out', () => {
  expect(bestMember(rows, 'patterns', 'timer')?.name).toBe('naive');
  expect(bestMember(rows, 'patterns', 'bursty')?.name).toBe('zero');
  expect(classTable(rows, 'patterns').slice(2, 4)).toEqual([
    '| naive | 0.500 | **0.200** |',
    '| zero | **0.300** | 0.400 |',
  ]);
});

test('bars are for the hybrid; what the others reached stands beside it', () => {
  const figures = new Map(forecastFigures(rows).map((each) => [each.name, each]));
  expect(figures.get('forecast.hybrid.wape')).toMatchObject({ bar: '≤ 0.23', holds: true });
  expect(figures.get('forecast.hybrid.mape10')).toMatchObject({ value: 10, samples: 1, holds: true });
  expect(figures.get('forecast.hybrid.coverage90.high')).toMatchObject({ holds: false });
  expect(figures.get('forecast.hybrid.timer.to-best-member')).toMatchObject({ holds: true });
  expect(figures.get('forecast.hybrid.bursty.to-best-member')).toMatchObject({ holds: false });
  expect(figures.get('forecast.lightgbm-l1.wape')).toMatchObject({ value: 0.01, bar: null });
});

test('what is not defined is a dash', () => {
  expect(scoreTable(rows)[2]).toContain('| naive | 0.350 | - | - |');
});

test('a series is held against the best rival', () => {
  const errors = new Map([['hybrid', 0.2], ['statsforecast AutoETS', 0.25]]); // prettier-ignore
  const of = (rival: string | null): unknown => seriesFigures([{ id: 's', binMinutes: 5, errors, rival }]);
  expect(of('statsforecast AutoETS')).toMatchObject([
    { name: 'forecast.series.s.5min.to-best', value: 0.8, holds: true },
  ]);
  expect(of(null)).toEqual([]);
});
