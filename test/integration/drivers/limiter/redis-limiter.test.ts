import { randomUUID } from 'node:crypto';
import type { Limiter } from '../../../../drivers/limiter/limiter';
import { createRedisLimiter } from '../../../../drivers/limiter/redis/redis-limiter';
import type { RedisSettings } from '../../../../drivers/redis/redis-settings';
import { shareRedis, type SharedRedis } from '../../../../drivers/redis/shared-redis';
import { describeLimiter } from '../../../drivers/limiter/limiter-contract';
import { eventually } from '../../support/eventually';
import { startTemporaryCluster, startTemporaryRedis, type TemporaryRedis } from '../../support/temporary-redis';

/** Long: that a busy machine answers late is not what is tested here. */
const TIMEOUT_MS = 1_000;

let redis: TemporaryRedis;
let cluster: { readonly nodes: TemporaryRedis[]; stop(): Promise<void> };
const opened: SharedRedis[] = [];

beforeAll(async () => {
  redis = await startTemporaryRedis(['--requirepass', 'secret']);
  cluster = await startTemporaryCluster();
});
afterEach(() => {
  for (const shared of opened.splice(0)) shared.close();
});
afterAll(async () => {
  await redis.stop();
  await cluster.stop();
});

/** What one gateway has. */
function gateway(settings: Partial<RedisSettings> = {}): { limiter: Limiter; shared: SharedRedis } {
  const base = { urls: [redis.url], cluster: false, prefix: 'test:', timeoutMs: TIMEOUT_MS };
  const shared = shareRedis({ ...base, ...settings });
  opened.push(shared);
  return { limiter: createRedisLimiter(shared), shared };
}

/** The contract takes one that counts from the first call on. */
function connected(settings: () => Partial<RedisSettings>): () => Limiter {
  return () => {
    const { limiter, shared } = gateway(settings());
    return {
      take: async (key, rule) => {
        await shared.circuit.known;
        expect(shared.circuit.usable).toBe(true);
        return limiter.take(key, rule);
      },
      close: () => limiter.close(),
    };
  };
}

describeLimiter(
  'redis',
  connected(() => ({})),
);
describeLimiter(
  'redis cluster',
  connected(() => ({ urls: cluster.nodes.map(({ url }) => url), cluster: true })),
);

const rule = { requests: 100, windowSeconds: 60 };

test('two gateways let through what one would, and ask less than once for each request', async () => {
  const [one, two] = [gateway(), gateway()];
  await Promise.all([one.shared.circuit.known, two.shared.circuit.known]);
  const asked = jest.spyOn(one.shared.connection as unknown as { rlflxIncr: () => unknown }, 'rlflxIncr');
  const key = randomUUID();
  let allowed = 0;
  const caller = async ({ limiter }: { limiter: Limiter }): Promise<void> => {
    for (let i = 0; i < 300; i++) if ((await limiter.take(key, rule)).allowed) allowed++;
  };
  await Promise.all([caller(one), caller(two)]);
  expect(allowed).toBe(100);
  // In blocks of two while there is something left, and not at all afterwards.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(51);
});

test('a Redis that hangs: the limit holds here alone, nobody waits twice, and the counts are one again by themselves', async () => {
  const { limiter, shared } = gateway({ timeoutMs: 100 });
  await shared.circuit.known;
  const key = randomUUID();
  for (let i = 0; i < 50; i++) expect((await limiter.take(key, rule)).allowed).toBe(true);
  redis.pause();
  const changes: boolean[] = [];
  shared.circuit.listen((lost) => changes.push(lost === null));
  const hung = await Promise.all(Array.from({ length: 80 }, () => limiter.take(key, rule)));
  expect(hung.filter(({ allowed }) => allowed)).toHaveLength(50);
  expect(changes).toEqual([false]);
  // From now on nobody is asked.
  const asked = jest.spyOn(shared.connection as unknown as { rlflxIncr: () => unknown }, 'rlflxIncr');
  expect((await limiter.take(randomUUID(), rule)).allowed).toBe(true);
  expect(asked).not.toHaveBeenCalled();
  const back = new Promise<void>((resolve) => shared.circuit.listen((lost) => lost ?? resolve()));
  redis.resume();
  await back;
  expect(changes).toEqual([false, true]);
  // What was let through meanwhile counts for the others.
  const other = gateway();
  await other.shared.circuit.known;
  await eventually(async () => ((await other.limiter.take(key, rule)).allowed ? undefined : true), 'the word of it');
  expect((await limiter.take(key, { ...rule, requests: 101 })).allowed).toBe(false);
});

test('a Redis that is killed and comes back without memory', async () => {
  const { limiter, shared } = gateway();
  await shared.circuit.known;
  const key = randomUUID();
  await limiter.take(key, rule);
  await redis.kill();
  const states = await Promise.all(Array.from({ length: 120 }, () => limiter.take(key, rule)));
  expect(states.filter(({ allowed }) => allowed)).toHaveLength(99);
  const back = new Promise<void>((resolve) => shared.circuit.listen((lost) => lost ?? resolve()));
  await redis.start();
  await back;
  expect((await limiter.take(randomUUID(), rule)).remaining).toBe(99);
});

test('a part of the cluster that is gone counts as a lost Redis', async () => {
  const { limiter, shared } = gateway({ urls: cluster.nodes.map(({ url }) => url), cluster: true });
  await shared.circuit.known;
  const lost = new Promise<void>((resolve) => shared.circuit.listen((error) => error && resolve()));
  await cluster.nodes[0]?.kill();
  // Some of the keys are of the node that is gone; nobody is refused for that.
  for (let i = 0; shared.circuit.usable && i < 1_000; i++) {
    expect((await limiter.take(randomUUID(), rule)).allowed).toBe(true);
  }
  await lost;
  expect((await limiter.take(randomUUID(), rule)).allowed).toBe(true);
});
