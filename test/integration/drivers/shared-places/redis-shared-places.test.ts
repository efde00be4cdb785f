import { randomUUID } from 'node:crypto';
import { shareRedis, type SharedRedis } from '../../../../drivers/redis/shared-redis';
import { createRedisSharedPlaces } from '../../../../drivers/shared-places/redis/redis-shared-places';
import type { SharedPlaces } from '../../../../drivers/shared-places/shared-places';
import { eventually } from '../../support/eventually';
import { startTemporaryRedis, type TemporaryRedis } from '../../support/temporary-redis';

let redis: TemporaryRedis;
let shared: SharedRedis;
let key: string;

beforeAll(async () => {
  redis = await startTemporaryRedis();
  shared = shareRedis({ urls: [redis.url], cluster: false, prefix: 'test:', timeoutMs: 1_000 });
  await shared.circuit.known;
});
afterAll(async () => {
  shared.close();
  await redis.stop();
});
beforeEach(() => (key = randomUUID()));

const gateway = (name: string, ttlMs = 60_000): SharedPlaces => createRedisSharedPlaces(shared, name, ttlMs);

test('one gateway has what it wants, up to the cap', async () => {
  const a = gateway('a');
  expect(await a.lend({ key, cap: 10, inUse: 0, wanted: 4 })).toBe(4);
  expect(await a.lend({ key, cap: 10, inUse: 4, wanted: 40 })).toBe(10);
  expect(await a.lend({ key, cap: 10, inUse: 0, wanted: 0 })).toBe(0);
});

test('no place is lent twice; what is in use is kept; and it evens out as it ends', async () => {
  const [a, b] = [gateway('a'), gateway('b')];
  expect(await a.lend({ key, cap: 10, inUse: 0, wanted: 10 })).toBe(10);
  expect(await b.lend({ key, cap: 10, inUse: 0, wanted: 10 })).toBe(0);
  // All ten run on, but none of them may be used again above the even part.
  expect(await a.lend({ key, cap: 10, inUse: 10, wanted: 10 })).toBe(5);
  expect(await b.lend({ key, cap: 10, inUse: 0, wanted: 10 })).toBe(0);
  expect(await a.lend({ key, cap: 10, inUse: 7, wanted: 10 })).toBe(5);
  expect(await b.lend({ key, cap: 10, inUse: 0, wanted: 10 })).toBe(3);
  expect(await a.lend({ key, cap: 10, inUse: 5, wanted: 10 })).toBe(5);
  expect(await b.lend({ key, cap: 10, inUse: 3, wanted: 10 })).toBe(5);
});

test('who wants less than an even part leaves the rest to the others', async () => {
  const [a, b] = [gateway('a'), gateway('b')];
  expect(await a.lend({ key, cap: 10, inUse: 0, wanted: 2 })).toBe(2);
  expect(await b.lend({ key, cap: 10, inUse: 0, wanted: 20 })).toBe(8);
});

test('a single place goes round', async () => {
  const [a, b] = [gateway('a'), gateway('b')];
  const had = new Set<string>();
  await eventually(async () => {
    // Each gives its place up before the other is asked: no request lasts.
    const forA = await a.lend({ key, cap: 1, inUse: 0, wanted: 1 });
    const forB = await b.lend({ key, cap: 1, inUse: 0, wanted: 1 });
    expect(forA + forB).toBeLessThanOrEqual(1);
    if (forA) had.add('a');
    if (forB) had.add('b');
    return had.size === 2 || undefined;
  }, 'both to have had it');
});

test('what a gateway had that says nothing any more comes back', async () => {
  expect(await gateway('a', 200).lend({ key, cap: 3, inUse: 3, wanted: 3 })).toBe(3);
  const b = gateway('b');
  expect(await b.lend({ key, cap: 3, inUse: 0, wanted: 3 })).toBe(0);
  await eventually(async () => ((await b.lend({ key, cap: 3, inUse: 0, wanted: 3 })) === 3 ? true : undefined), 'all');
});

test('a Redis that has forgotten its scripts is taught again', async () => {
  await shared.connection.script('FLUSH');
  expect(await gateway('a').lend({ key, cap: 3, inUse: 0, wanted: 1 })).toBe(1);
});
