import { missedBars } from '../../bench/harness/missed-bars';
import { figure } from '../../bench/harness/report';

test('only missed bars are told, by how much', () => {
  const kept = figure('kept', 'ratio', 0.2, 1, { atMost: 0.23 });
  const missed = [
    figure('wape', 'ratio', 0.253, 1, { atMost: 0.23 }),
    figure('r2', 'ratio', 0.765, 1, { atLeast: 0.85 }),
  ];
  expect(missedBars([kept, figure('anchor', 'ratio', 1, 1)])).toEqual([]);
  expect(missedBars([kept, ...missed]).filter((line) => line.startsWith('-'))).toEqual([
    '- wape: 0.253 ratio, bar ≤ 0.23: off by 10.0 % of it',
    '- r2: 0.765 ratio, bar ≥ 0.85: off by 10.0 % of it',
  ]);
});
