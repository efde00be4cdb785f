import { Redis } from 'ioredis';
import { jsonOf, type Answer, type Probe } from '../../bench/harness/http-probe';
import { startTemporaryRedis, type TemporaryRedis } from '../integration/support/temporary-redis';
import { startSecondGateway, type SecondGateway } from '../../bench/harness/second-gateway';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

const LIMITS = '/v1/tenants/default/limits';

let redis: TemporaryRedis;
let settings: Record<string, string>;
let platform: TestPlatform;
let second: SecondGateway;
/** The door of the supervised gateway, and of the other. */
let doors: [Probe, Probe];

beforeAll(async () => {
  redis = await startTemporaryRedis();
  settings = {
    PRESAGE__AGENT__SANDBOX: 'process',
    PRESAGE__REDIS__URL: redis.url,
    // That a busy machine answers late is not what is tested here.
    PRESAGE__REDIS__TIMEOUT: '1s',
  };
  platform = await openTestPlatform(settings);
  second = await startSecondGateway(platform, settings);
  doors = [platform.probe, second.probe];
  const source = `
    const id = require('node:crypto').randomUUID();
    exports.handler = async (req, res) => {
      if (req.query.failOnce !== undefined && req.headers['x-presage-attempt'] === '1') return void res.status(500).end();
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, Number(req.query.ms ?? 0)));
      return { id, from, to: Date.now() };
    };`;
  const checkpoint = { when: 'never' as const };
  const spec = { quick: { concurrency: 100 }, burst: {}, capped: { scale: { max: 2, maxInFlight: 3 }, concurrency: 5 }, shared: { scale: { max: 2 } }, spender: { async: { backoff: { first: '100ms', max: '100ms' } } }, vital: { critical: true } }; // prettier-ignore
  for (const [name, own] of Object.entries(spec))
    await platform.deploy(name, { checkpoint, ...own }, { 'index.js': source });
  for (const door of doors) {
    await until('the routes', async () => (await door.send('/fn/default/quick')).status === 200);
  }
});
afterAll(async () => {
  await second.kill();
  await platform.stop();
  await redis.stop();
});
afterEach(async () => {
  await platform.probe.send(LIMITS, { method: 'DELETE' });
});

interface Served {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}
const served = (answers: readonly Answer[]): Served[] => answers.map((answer) => jsonOf<Served>(answer));

/** Callers at both doors that go on until they are told; what was answered, by door. */
function callers(path: string, each: number): { answers: [Answer[], Answer[]]; end(): Promise<void> } {
  const answers: [Answer[], Answer[]] = [[], []];
  let ended = false;
  const call = async (door: 0 | 1): Promise<void> => {
    while (!ended) {
      const answer = await doors[door].send(path).catch(() => null);
      // Its gateway is gone.
      if (!answer) return;
      answers[door].push(answer);
    }
  };
  const all = Array.from({ length: each }, () => [call(0), call(1)]).flat();
  return {
    answers,
    end: async () => {
      ended = true;
      await Promise.all(all);
    },
  };
}

/** Sets the tenant's limits and waits until both gateways go by them. */
async function limit(requests: number, window: string): Promise<void> {
  const body = JSON.stringify({ rate: { requests, window } });
  expect((await platform.probe.send(LIMITS, { method: 'PUT', body })).status).toBe(200);
}

const degraded = async (door: Probe): Promise<string | undefined> =>
  /^presage_limiter_degraded (\d)$/m.exec((await door.send('/metrics')).body)?.[1];

test('100 a second are 100 a second over both', async () => {
  const watch = new Redis(redis.url);
  const ears = new Redis(redis.url);
  await watch.config('SET', 'notify-keyspace-events', 'K$');
  const key = 'presage:rate:tenant/default';
  // A window begins with the key's `set`; how far it was counted is looked at again and again.
  const counts: number[] = [];
  ears.on('message', (_channel, command: string) => {
    if (command === 'set') counts.push(0);
  });
  await ears.subscribe(`__keyspace@0__:${key}`);
  await limit(100, '1s');
  const load = callers('/fn/default/quick', 6);
  await until(
    'six windows that were used up',
    async () => {
      const counted = Number((await watch.get(key)) ?? 0);
      const last = counts.length - 1;
      if (last >= 0) counts[last] = Math.max(counts[last] ?? 0, counted);
      return counts.filter((count) => count >= 100).length >= 6;
    },
    120_000,
  );
  await load.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  watch.disconnect();
  ears.disconnect();
  const answers = load.answers.flat();
  const admitted = answers.filter(({ status, headers }) => status === 200 && headers['ratelimit'] !== undefined).length;
  const counted = counts.reduce((sum, count) => sum + Math.min(count, 100), 0);
  expect(answers.filter(({ status }) => ![200, 429].includes(status))).toEqual([]);
  expect(admitted).toBeLessThanOrEqual(100 * counts.length);
  // No window lost more than five to blocks that a gateway took and had no callers for.
  expect(admitted).toBeGreaterThanOrEqual(counted - 5 * counts.length);
  for (const door of [0, 1] as const) expect(load.answers[door].some(({ status }) => status === 200)).toBe(true);
  for (const door of doors) expect(await degraded(door)).toBe('0');
});

test('a budget that runs out stops both doors, but not what is critical, and serves again when it is raised', async () => {
  const put = async (limit: string): Promise<void> => {
    const body = JSON.stringify({ limit, functions: ['spender', 'vital'], criticalShare: 50, degrade: ['refuse'] });
    jsonOf(await platform.probe.send('/v1/budgets/tiny', { method: 'PUT', body }));
  };
  await put('1');
  // What rested since the deploy is paid too: on a busy machine more than a call.
  const { spent } = jsonOf<{ spent: string }>(await platform.probe.send('/v1/budgets/tiny'));
  // Half of it is for the critical one: the other stops 30 micro-dollars from here, after some dozens of calls.
  await put((2 * Number(spent) + 0.00006).toFixed(6));
  const asked = { method: 'POST', headers: { prefer: 'respond-async' } };
  const { id } = jsonOf<{ id: string }>(await doors[0].send('/fn/default/spender?failOnce', asked));
  const stopped = async (door: Probe): Promise<Answer> =>
    until('the budget to run out', async () => {
      const answer = await door.send('/fn/default/spender');
      return answer.status === 200 ? false : answer;
    });
  const now = new Date();
  const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString();
  for (const answer of [await stopped(doors[0]), await stopped(doors[1])]) {
    expect([answer.status, answer.headers['content-type']]).toEqual([402, expect.stringContaining('problem+json')]);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'budget_exhausted', until: nextMonth });
  }
  for (const door of doors) expect((await door.send('/fn/default/vital')).status).toBe(200);
  expect((await doors[1].send('/fn/default/spender', asked)).status).toBe(402);
  // What was accepted before waits; somebody was told.
  const accepted = async () => jsonOf<{ state: string }>(await doors[0].send(`/v1/async/${id}`));
  expect(['queued', 'waiting', 'running', 'succeeded']).toContain((await accepted()).state);
  await until('the alert', async () => {
    const { items } = jsonOf<{ items: { percent: number }[] }>(await doors[0].send('/v1/budgets/tiny/alerts'));
    return items.some(({ percent }) => percent === 50);
  });
  expect((await doors[0].send('/metrics')).body).toMatch(
    /^presage_budget_refused_total\{tenant="default",budget="tiny",reason="exhausted"\} [1-9]/m,
  );

  await put('1');
  const raisedAt = Date.now();
  for (const door of doors) {
    await until('service again', async () => (await door.send('/fn/default/spender')).status === 200, 2_000);
  }
  expect(Date.now() - raisedAt).toBeLessThan(2_000);
  await until('the end of what was accepted', async () => (await accepted()).state === 'succeeded');
});

test('a burst on a cold function through two doors starts what it would through one', async () => {
  const burst = (door: Probe, many: number): Promise<Answer[]> =>
    Promise.all(Array.from({ length: many }, () => door.send('/fn/default/burst?ms=3000')));
  const answers = (await Promise.all([burst(doors[0], 5), burst(doors[1], 5)])).flat();
  // None ends before all have begun, so each needs an instance of its own: ten, of which none was started twice.
  expect(new Set(served(answers).map(({ id }) => id)).size).toBeLessThanOrEqual(11);
  const stats = (await platform.probe.send('/metrics')).body;
  const started = [...stats.matchAll(/^presage_invocations_total\{[^}]*function="burst",start="cold"[^}]*\} (\d+)$/gm)];
  const other = (await second.probe.send('/metrics')).body;
  started.push(...other.matchAll(/^presage_invocations_total\{[^}]*function="burst",start="cold"[^}]*\} (\d+)$/gm));
  expect(started.reduce((sum, [, count]) => sum + Number(count), 0)).toBeLessThanOrEqual(11);
});

test('a cap of three is three over both, and neither starves', async () => {
  const call = (door: Probe): Promise<Answer[]> =>
    Promise.all(Array.from({ length: 8 }, () => door.send('/fn/default/capped?ms=150')));
  const both = await Promise.all([call(doors[0]), call(doors[1])]);
  const runs = served(both.flat());
  expect(runs).toHaveLength(16);
  const together = runs.map(({ from }) => runs.filter((other) => other.from <= from && from < other.to).length);
  expect(Math.max(...together)).toBeLessThanOrEqual(3);
  expect(Math.max(...together)).toBeGreaterThan(1);
});

test('Redis is killed under load: nobody fails, each gateway holds the whole limit, and it ends by itself', async () => {
  const load = callers('/fn/default/quick', 2);
  await redis.kill();
  for (const door of doors) await until('the word of it', async () => (await degraded(door)) === '1');
  await limit(40, '1h');
  const refused = (door: 0 | 1): boolean => load.answers[door].some(({ status }) => status === 429);
  await until('both to refuse', () => Promise.resolve(refused(0) && refused(1)));
  await load.end();
  for (const door of [0, 1] as const) {
    const answers = load.answers[door];
    expect(answers.filter(({ status }) => ![200, 429].includes(status))).toEqual([]);
    // The answers that name the limit were counted against it.
    expect(answers.filter(({ status, headers }) => status === 200 && headers['ratelimit'] !== undefined)).toHaveLength(
      40,
    );
  }
  await until('both to have told it', async () => {
    const told = await platform.probe.send('/v1/events?all=true&types=limiter.degraded');
    const { items } = jsonOf<{ items: { data: { gateway: string } }[] }>(told);
    return new Set(items.map(({ data }) => data.gateway)).size === 2;
  });
  await redis.start();
  for (const door of doors) await until('the counts to be one again', async () => (await degraded(door)) === '0');
  // What each let through alone is now counted for both.
  await until('the refusal', async () => (await doors[0].send('/fn/default/quick')).status === 429);
});

test('a gateway is killed under load: the other fails nobody, and has its instances and its part of the cap', async () => {
  const early: Answer[] = [];
  const hold = (name: string): Promise<unknown> =>
    second.probe.send(`/fn/default/${name}?ms=60000`).then(
      (answer) => early.push(answer),
      () => undefined,
    );
  const held = ['shared', 'shared', 'capped', 'capped', 'capped'].map(hold);
  await until('all to be under way', async () => {
    expect(early).toEqual([]);
    const text = (await second.probe.send('/metrics')).body;
    return /^presage_admission_in_flight 5$/m.test(text);
  });
  const load = callers('/fn/default/quick', 2);
  await until('answers of both', () => Promise.resolve(load.answers.every((answers) => answers.length > 20)));
  const others = [doors[0].send('/fn/default/shared'), doors[0].send('/fn/default/capped')];
  await second.kill();
  await Promise.all(held);
  for (const answer of await Promise.all(others)) expect(answer.status).toBe(200);
  await load.end();
  expect(load.answers[0].filter(({ status }) => status !== 200)).toEqual([]);
});
