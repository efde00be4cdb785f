import { LiveCalls, type Call } from '../../../cli/top/live-calls';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const call = (id: string, secondsAgo: number, more: Partial<Call> = {}): Call => ({
  id,
  at: new Date(NOW - secondsAgo * 1000).toISOString(),
  function: 'hello',
  status: 200,
  errorCode: null,
  kind: 'hot',
  totalMs: 10,
  ...more,
});

test('rates, times, errors and starts of the last minute; a call that is seen twice counts once', () => {
  const live = new LiveCalls(60_000, NOW);
  const calls = Array.from({ length: 100 }, (_, i) => call(`c${i}`, i / 2, { totalMs: i + 1 }));
  live.add([...calls, call('late', 3, { kind: 'cold', status: 500, totalMs: 1000 })], true, NOW);
  live.add(calls.slice(0, 10), true, NOW);
  expect(live.figures(NOW).get('hello')).toEqual({
    rate: 101 / 60,
    errors: 1,
    p50Ms: 51,
    p95Ms: 96,
    kinds: { hot: 100, warm: 0, restore: 0, cold: 1 },
  });
});

test('what is older than a minute goes', () => {
  const live = new LiveCalls(60_000, NOW);
  live.add([call('a', 50), call('b', 5)], true, NOW);
  live.add([call('c', -29)], true, NOW + 30_000);
  expect(live.figures(NOW + 30_000).get('hello')?.rate).toBe(2 / 60);
  expect([live.has('a'), live.has('b'), live.has('c')]).toEqual([false, true, true]);
});

test('where not all calls could be read, the rate is that of the time that they cover', () => {
  const live = new LiveCalls(60_000, NOW);
  live.add([call('a', 0), call('b', 1), call('c', 2)], false, NOW);
  expect(live.figures(NOW).get('hello')?.rate).toBe(3 / 2);
});
