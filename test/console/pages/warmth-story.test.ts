import { START_CAUSES } from '../../../core/start/start';
import type { MinuteCountView, WarmthView } from '../../../console/src/lib/answers';
import { causeRows, kindCounts, targetLines } from '../../../console/src/pages/function/warmth-story';

const minute = (byCause: Record<string, number>, cold = 0): MinuteCountView => ({
  ...{ minute: '2026-03-04T05:00:00.000Z', total: 1, errors: 0, executeMs: 1, byCause },
  byKind: { hot: 2, warm: 0, restore: 1, cold },
});

test('causes are counted over all minutes, the most frequent first, each with what would have helped', () => {
  const rows = causeRows([minute({ expired: 1, burst: 2 }), minute({ expired: 1, burst: 4 })]);
  expect(rows.map(({ cause, count, share }) => [cause, count, share])).toEqual([
    ['burst', 6, 0.75],
    ['expired', 2, 0.25],
  ]);
  const all = causeRows([minute(Object.fromEntries(START_CAUSES.map((cause) => [cause, 1])))]);
  expect(all).toHaveLength(START_CAUSES.length);
  for (const { why, keeps } of all) expect([why.length, keeps.length].every((length) => length > 10)).toBe(true);
  expect(causeRows([])).toEqual([]);
});

test('start kinds are summed', () => {
  expect(kindCounts([minute({}, 1), minute({}, 2)])).toEqual([
    { kind: 'hot', count: 4 },
    { kind: 'warm', count: 0 },
    { kind: 'restore', count: 2 },
    { kind: 'cold', count: 3 },
  ]);
});

test('a target is told in sentences', () => {
  const warmth = {
    ...{ floor: 1, pool: 2, capped: true, keepAlive: [600, 30] },
    steps: [{ after: 0, running: 1, frozen: 2 }, { after: 90, running: 0, frozen: 1 }], // prettier-ignore
  } as unknown as WarmthView;
  expect(targetLines(warmth)).toEqual([
    'Now: 1 running and 2 frozen at least.',
    'After 90 s: 0 running and 1 frozen at least.',
    'Instance 1 may rest for 10 min beyond that.',
    'Instance 2 and further ones may rest for 30 s beyond that.',
    '1 declared (scale.min, warm windows), 2 asked for by the forecast.',
    'A node has less room than was asked for, so it holds fewer.',
  ]);
});
