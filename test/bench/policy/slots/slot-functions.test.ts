import { slotFunctions, timedFunction } from '../../../../bench/policy/slots/slot-functions';

const SOURCE = { id: 'f', pattern: 'timer', p50Ms: 90_000, p99Ms: 90_000, memoryMb: 10 };

test('lone calls keep their second, calls that overlap take further slots', () => {
  const [fn] = slotFunctions([{ ...SOURCE, counts: [1, 1, 0, 0, 0, 1] }], 1);
  const [first, second] = fn?.slots ?? [];
  expect(fn?.slots).toHaveLength(2);
  expect((first?.to[1] ?? 0) - (first?.to[0] ?? 0)).toBeCloseTo(300);
  expect((second?.to[0] ?? 0) - (first?.to[0] ?? 0)).toBeCloseTo(60);
  expect((first?.from[1] ?? 0) - (first?.to[0] ?? 0)).toBeCloseTo(90);
  expect([first?.from[0], first?.to.at(-1)]).toEqual([-1, Infinity]);
  // Below the least that an instance takes.
  expect(fn?.memoryGb).toBe(64 / 1024);
});

test('all calls are there, and equal seeds make equal functions', () => {
  const counts = Array.from({ length: 60 }, (_, minute) => minute % 7);
  const make = () => slotFunctions([{ ...SOURCE, counts }], 3);
  const calls = make()[0]?.slots.reduce((sum, { to }) => sum + to.length - 1, 0);
  expect(calls).toBe(counts.reduce((sum, count) => sum + count, 0));
  expect(make()).toEqual(make());
});

test('single requests keep their times', () => {
  const fn = timedFunction({ id: 'r', at: Float64Array.from([0, 1, 61]), executeSeconds: Float64Array.from([2, 4, 3]) }, 1, 1); // prettier-ignore
  expect([...fn.counts]).toEqual([2, 1]);
  expect(fn.slots.map(({ to }) => [...to])).toEqual([[0, 61, Infinity], [1, Infinity]]); // prettier-ignore
  expect([...(fn.slots[1]?.from ?? [])]).toEqual([-1, 5]);
  expect(fn.executeSeconds).toBe(3);
});
