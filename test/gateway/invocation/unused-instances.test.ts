import type { Lease } from '../../../gateway/invocation/lease';
import { at, pause, setUpPool, wait } from './lease-pool-harness';

describe('an instance that stands by', () => {
  const taken = async ({ pool, asked }: ReturnType<typeof setUpPool>): Promise<Lease> => {
    const grant = wait(pool, 'r1');
    at(asked, 0).give();
    return (await grant).lease;
  };
  const total = (unused: readonly (readonly [number, number])[]): number =>
    unused.reduce((sum, [from, to]) => sum + to - from, 0);

  test('is told of from the end of its last request to the beginning of the next, and not while one runs', async () => {
    const parts = setUpPool(2);
    const { pool, unused } = parts;
    const lease = await taken(parts);
    const second = pool.tryTake('r2', 1_000);
    await pause(30);
    pool.give(lease);
    await pause(30);
    expect([unused, second?.lease]).toEqual([[], lease]);
    const freeAt = Date.now();
    pool.give(lease);
    await pause(40);
    expect(unused).toEqual([]);
    pool.tryTake('r3', 1_000);
    const takenAt = Date.now();
    expect(unused).toHaveLength(1);
    expect(unused[0]?.[0]).toBeGreaterThanOrEqual(freeAt);
    expect(unused[0]?.[1]).toBeLessThanOrEqual(takenAt);
    expect(total(unused)).toBeGreaterThanOrEqual(35);
  });

  test('is told of until its lease ends, once', async () => {
    const parts = setUpPool();
    const { pool, unused } = parts;
    const lease = await taken(parts);
    pool.give(lease);
    await pause(20);
    lease.end({ kind: 'withdrawn' });
    lease.end({ kind: 'gone', unread: false });
    expect(unused).toHaveLength(1);
    await pause(20);
    pool.close();
    expect(unused).toHaveLength(1);
    expect(total(unused)).toBeGreaterThanOrEqual(15);
  });

  test('is not told of while its agent is away, which may count it itself', async () => {
    const parts = setUpPool();
    const { pool, unused } = parts;
    const lease = await taken(parts);
    pool.give(lease);
    await pause(20);
    lease.unheard();
    expect(unused).toHaveLength(1);
    parts.setConnected(false);
    expect(pool.tryTake('r2', 1_000)?.lease).toBe(lease);
    pool.give(lease);
    await pause(20);
    lease.end({ kind: 'gone', unread: false });
    expect(unused).toHaveLength(1);
  });

  test('of which nothing was granted to a request is told of, too', async () => {
    const { pool, asked, unused } = setUpPool();
    const grant = wait(pool, 'r1', 20);
    await expect(grant).rejects.toMatchObject({ code: 'capacity' });
    const lease = at(asked, 0).give();
    await pause(20);
    lease.end({ kind: 'withdrawn' });
    expect(total(unused)).toBeGreaterThanOrEqual(10);
  });
});
