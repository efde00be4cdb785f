import { OVERVIEW_WINDOWS, overviewOf, windowStart } from '../../../core/overview/overview';
import { shareWithin } from '../../../core/traffic/latency-counts';

const MINUTE_MS = 60_000;
const FROM = Date.parse('2026-03-04T05:00:00.000Z');
const at = (minute: number) => new Date(FROM + minute * MINUTE_MS);
const span = { from: at(0), to: at(4), stepMs: MINUTE_MS };
const count = (minute: number, hot: number, cold: number, failed = 0) => ({
  at: at(minute),
  total: hot + cold + failed,
  errors: failed,
  byKind: { hot, warm: 0, restore: 0, cold },
});

test('has every step, sums them up, and says how much began cold', () => {
  const { points, totals, coldShare, objectives } = overviewOf([count(1, 6, 1), count(3, 2, 1, 2)], [], span);
  expect(points.map(({ at: when, total }) => [when.getTime() - FROM, total])).toEqual([
    [0, 0],
    [MINUTE_MS, 7],
    [2 * MINUTE_MS, 0],
    [3 * MINUTE_MS, 5],
  ]);
  expect(totals).toEqual({ total: 12, errors: 2, byKind: { hot: 8, warm: 0, restore: 0, cold: 2 } });
  // What reached no instance began in no way at all.
  expect(coldShare).toBe(0.2);
  expect(objectives.availability).toEqual({
    objective: 0.999,
    share: 1 - 2 / 12,
    burn: expect.closeTo(166.7, 1) as number,
  });
});

test('of nothing no share is told', () => {
  const { points, coldShare, latency, objectives } = overviewOf([], [], span);
  expect(points).toHaveLength(4);
  expect([coldShare, latency.p99Ms, objectives.availability.share, objectives.latency.burn]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test('latencies are those of all hours together, and of each', () => {
  const hours = [
    { at: at(0), latencies: { '12': 98 } },
    { at: at(60), latencies: { '12': 1, '40': 1 } },
  ];
  const { latency, hours: each, objectives } = overviewOf([], hours, span);
  expect(latency).toEqual({ p50Ms: 8, p95Ms: 8, p99Ms: 8 });
  expect(each.map(({ p99Ms }) => p99Ms)).toEqual([8, 1024]);
  expect(objectives.latency).toEqual({ objective: 0.99, share: 0.99, burn: expect.closeTo(1, 9) as number });
});

test('a share within a time counts what is at most that long', () => {
  expect(shareWithin({ '30': 3, '31': 1 }, 200)).toBe(0.75);
  expect(shareWithin({}, 200)).toBeNull();
});

test('a window begins where a step does, so that all steps of it are whole', () => {
  const now = new Date(FROM + 7 * MINUTE_MS + 31_000);
  for (const [window, { ms, stepMs }] of Object.entries(OVERVIEW_WINDOWS)) {
    const start = windowStart(window as keyof typeof OVERVIEW_WINDOWS, now).getTime();
    expect(start % stepMs).toBe(0);
    expect(now.getTime() - start - ms).toBeLessThan(stepMs);
    expect(now.getTime() - start).toBeGreaterThanOrEqual(ms);
  }
});
