import fc from 'fast-check';
import { PlatformError } from '../../../core/error/platform-error';
import type { Grant, Lease } from '../../../gateway/invocation/lease';
import { until } from '../gateway-harness';
import { at, pause, setUpPool, wait, type Asked } from './lease-pool-harness';

test('asks for as many instances as the waiters need, in their names', async () => {
  const { pool, asked } = setUpPool(10);
  const grants = Promise.all(Array.from({ length: 25 }, (_, i) => wait(pool, `r${i}`)));
  expect(asked.map(({ invocationId }) => invocationId)).toEqual(['r0', 'r10', 'r20']);
  for (const one of asked) one.give();
  const leases = (await grants).map(({ lease }) => lease.instanceId);
  expect(['i1', 'i2', 'i3'].map((id) => leases.filter((lease) => lease === id).length)).toEqual([10, 10, 5]);
});

test('never asks for more than the function may have', async () => {
  const { pool, asked } = setUpPool(1, 2);
  const grants = Array.from({ length: 5 }, (_, i) => wait(pool, `r${i}`));
  expect(asked).toHaveLength(2);
  asked.forEach((one) => one.give());
  const first = await at(grants, 0);
  await at(grants, 1);
  pool.give(first.lease);
  expect((await at(grants, 2)).lease).toBe(first.lease);
  expect(asked).toHaveLength(2);
});

test('a freed lease serves the longest waiter before the start does, which then stays for the next', async () => {
  const { pool, asked, ended } = setUpPool();
  const first = wait(pool, 'r1');
  at(asked, 0).give();
  const { lease } = await first;
  const second = wait(pool, 'r2');
  const third = wait(pool, 'r3');
  expect(asked).toHaveLength(3);
  pool.give(lease);
  expect(await second).toMatchObject({ lease, start: { kind: 'hot', cause: null } });
  at(asked, 1).give();
  expect(await third).toMatchObject({ start: { kind: 'cold' } });
  const extra = at(asked, 2).give();
  await until(() => pool.leases === 3, 'the third lease');
  expect(pool.tryTake('now', 1_000)).toMatchObject({ lease: extra, start: { kind: 'hot' } });
  expect(ended).toEqual([]);
});

test('starts that have begun are called off when nobody is left to use them, not before', async () => {
  const { pool, asked } = setUpPool();
  const first = wait(pool, 'r1');
  at(asked, 0).give();
  const { lease } = await first;
  const others = [wait(pool, 'r2'), wait(pool, 'r3')];
  expect(pool.acquiring).toBe(2);
  pool.give(lease);
  await at(others, 0);
  await pause(30);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
  pool.give(lease);
  await at(others, 1);
  await until(() => at(asked, 1).signal.aborted, 'the end of both');
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, true]);
  for (const one of asked.slice(1)) one.fail(new PlatformError('unavailable', 'The gateway does not wait any more'));
  await until(() => pool.acquiring === 0, 'the end of both');
  expect(asked).toHaveLength(3);
});

test('requests that take less time than a start wait for their turn, as long as it comes', async () => {
  const { pool, asked } = setUpPool();
  const first = wait(pool, 'r0');
  at(asked, 0).give(60_000, 100);
  const { lease } = await first;
  pool.give(lease, { cpuMicros: null });
  expect(pool.tryTake('r1', 1_000)?.lease).toBe(lease);
  const others = Array.from({ length: 20 }, (_, i) => wait(pool, `r${i + 2}`));
  expect(asked).toHaveLength(1);
  pool.give(lease);
  expect(await at(others, 0)).toMatchObject({ lease, start: { kind: 'hot' } });
  // This one takes long: the others are not to wait for it.
  await until(() => asked.length > 1, 'another start');
});

test('requests that keep a core busy get no more instances than there are cores; others do', async () => {
  // Longer than any turn of this test, and shorter than all.
  for (const [cpuMicros, starts] of [
    [60_000_000, 2],
    [100, 10],
  ] as const) {
    const { pool, asked } = setUpPool();
    const first = wait(pool, 'r0');
    at(asked, 0).give(60_000, 1);
    const { lease } = await first;
    await pause(15);
    pool.give(lease, { cpuMicros });
    lease.end({ kind: 'withdrawn' });
    for (let i = 1; i <= 10; i++) void wait(pool, `r${i}`);
    expect(asked.length - 1).toBe(starts);
  }
});

test('takes the most recently used lease with room', async () => {
  const { pool, asked } = setUpPool();
  const grants = [wait(pool, 'a'), wait(pool, 'b'), wait(pool, 'c')];
  asked.forEach((one) => one.give());
  const [a, b, c] = await Promise.all(grants);
  for (const grant of [c, a, b]) pool.give((grant as Grant).lease);
  expect(pool.tryTake('now', 1_000)?.lease).toBe(b?.lease);
  expect(pool.tryTake('now', 1_000)?.lease).toBe(a?.lease);
  expect(pool.tryTake('now', 1_000)?.lease).toBe(c?.lease);
  expect(pool.tryTake('now', 1_000)).toBeUndefined();
});

test('gives an idle lease back after its linger, not before, and not while it is used', async () => {
  const { pool, asked, ended } = setUpPool();
  const grant = wait(pool, 'r1');
  at(asked, 0).give(40);
  const { lease } = await grant;
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(ended).toEqual([]);
  const idleAt = performance.now();
  pool.give(lease);
  await until(() => ended.length === 1, 'the release');
  expect(performance.now() - idleAt).toBeGreaterThanOrEqual(39);
  expect(ended[0]).toMatchObject({ id: 'i1', end: { kind: 'release' } });
  expect(lease.served).toBe(1);
  expect(pool.tryTake('now', 1_000)).toBeUndefined();
  expect(pool.empty).toBe(true);
});

test('a withdrawn lease finishes what is in flight and takes nothing new', async () => {
  const { pool, asked, ended } = setUpPool(2);
  const grants = [wait(pool, 'r1'), wait(pool, 'r2')];
  at(asked, 0).give();
  const [one] = await Promise.all(grants);
  const lease = (one as Grant).lease;
  lease.end({ kind: 'withdrawn' });
  expect(pool.tryTake('now', 1_000)).toBeUndefined();
  pool.give(lease);
  await Promise.resolve();
  expect(ended).toEqual([]);
  const third = wait(pool, 'r3');
  expect(asked).toHaveLength(2);
  pool.give(lease);
  await until(() => ended.length === 1, 'the withdrawal');
  expect(ended[0]).toEqual({ id: 'i1', end: { kind: 'withdrawn' } });
  at(asked, 1).give();
  expect((await third).lease.instanceId).toBe('i2');
});

test('an agent that is away is asked again until the deadline', async () => {
  const { pool, asked, setReachable } = setUpPool();
  const first = wait(pool, 'r1');
  at(asked, 0).fail(new PlatformError('unavailable', 'away'));
  await until(() => asked.length === 2, 'another try');
  at(asked, 1).give();
  await expect(first).resolves.toMatchObject({ lease: { instanceId: 'i2' } });
  setReachable(false);
  const second = wait(pool, 'r2', 30);
  at(asked, 2).fail(new PlatformError('unavailable', 'away'));
  await expect(second).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
});

test('without a free instance before the deadline the caller learns of the capacity', async () => {
  const { pool, asked } = setUpPool(1, 1);
  const first = wait(pool, 'r1');
  at(asked, 0).give();
  await first;
  await expect(wait(pool, 'r2', 20)).rejects.toMatchObject({ code: 'capacity', status: 503 });
  expect(pool.waiting).toBe(0);
});

test('what the agent says at the deadline is what the caller hears', async () => {
  const { pool, asked } = setUpPool();
  const grant = wait(pool, 'r1', 20);
  setTimeout(() => at(asked, 0).fail(new PlatformError('start_timeout', 'it never listened')), 60);
  await expect(grant).rejects.toMatchObject({ code: 'start_timeout', message: 'it never listened' });
});

test('a failed start is the answer of those it was for; the others get another', async () => {
  const { pool, asked } = setUpPool(2);
  const grants = Array.from({ length: 3 }, (_, i) => wait(pool, `r${i}`));
  expect(asked).toHaveLength(2);
  at(asked, 0).fail(new PlatformError('start_failed', 'it throws while it loads'));
  await expect(at(grants, 0)).rejects.toMatchObject({ code: 'start_failed' });
  await expect(at(grants, 1)).rejects.toMatchObject({ code: 'start_failed' });
  at(asked, 1).give();
  await expect(at(grants, 2)).resolves.toMatchObject({ lease: { instanceId: 'i2' } });
});

test('one who leaves the queue is not served', async () => {
  const { pool, asked } = setUpPool();
  const gone = new AbortController();
  const first = pool.wait('r1', 10_000, gone.signal);
  const second = wait(pool, 'r2');
  gone.abort();
  await expect(first).rejects.toThrow('left');
  at(asked, 0).give();
  await expect(second).resolves.toMatchObject({ lease: { instanceId: 'i1' } });
});

test('a closed pool refuses, and gives everything back when it is free', async () => {
  const { pool, asked, ended } = setUpPool();
  const grants = [wait(pool, 'r1'), wait(pool, 'r2')];
  asked.forEach((one) => one.give());
  const [one, two] = await Promise.all(grants);
  pool.give((one as Grant).lease);
  pool.close();
  await expect(wait(pool, 'r3')).rejects.toMatchObject({ code: 'draining' });
  await until(() => ended.length === 1, 'the idle one');
  pool.give((two as Grant).lease);
  await until(() => ended.length === 2, 'the other');
  expect(pool.empty).toBe(true);
});

test('whatever happens, nobody is lost, no lease is overfull and whoever waits is on the way to be served', async () => {
  type Step = 'arrive' | 'finish' | 'start' | 'fail' | 'withdraw' | 'gone';
  const step = fc.constantFrom<Step>('arrive', 'arrive', 'finish', 'start', 'fail', 'withdraw', 'gone');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
      const { pool, asked } = setUpPool(concurrency, 4);
      const running: Lease[] = [];
      const open: Asked[] = [];
      let seen = 0;
      let arrived = 0;
      let served = 0;
      let refused = 0;
      const settle = async (): Promise<void> => {
        for (let i = 0; i < 5; i++) await Promise.resolve();
        open.push(...asked.slice(seen));
        seen = asked.length;
      };
      for (const what of steps) {
        if (what === 'arrive') {
          arrived++;
          const took = pool.tryTake('now', 1_000);
          const grant = took ? Promise.resolve(took) : wait(pool, `r${arrived}`);
          grant.then(
            ({ lease }) => {
              served++;
              running.push(lease);
            },
            () => refused++,
          );
        } else if (what === 'finish') {
          const lease = running.shift();
          if (lease) pool.give(lease);
        } else if (what === 'start') open.shift()?.give();
        else if (what === 'fail') open.shift()?.fail(new PlatformError('start_failed', 'no'));
        else running.at(-1)?.end(what === 'gone' ? { kind: 'gone', unread: false } : { kind: 'withdrawn' });
        await settle();
        for (const lease of running) expect(lease.inFlight).toBeLessThanOrEqual(concurrency);
        expect(served + refused + pool.waiting).toBe(arrived);
        if (pool.leases === 0) expect(pool.acquiring).toBeGreaterThanOrEqual(Math.min(pool.waiting, 1));
        expect(pool.leases + pool.acquiring).toBeLessThanOrEqual(4);
      }
      pool.close();
    }),
    { numRuns: 200 },
  );
});
