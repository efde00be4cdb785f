import { Client } from 'pg';
import { parseManifest } from '../../../../core/function/manifest';
import type { AsyncClaim, AsyncInvocation, AsyncQueue } from '../../../../drivers/async-queue/async-queue';
import { openPostgresStore } from '../../../../drivers/store/postgres';
import type { Store } from '../../../../drivers/store/store';
import { eventually } from '../../support/eventually';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../support/temporary-postgres';
import { invocation, openQueue, policy, report, workOn } from './queue-harness';

jest.setTimeout(120_000);

let postgres: TemporaryPostgres;
let url: string;
let store: Store;
let queue: AsyncQueue;
let other: AsyncQueue;

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  url = await postgres.createDatabase();
  store = openPostgresStore(url);
  await store.migrate();
  await store.ensureTenant('acme');
  queue = openQueue(url);
  other = openQueue(url);
  await queue.migrate();
});
afterEach(async () => {
  await queue.close();
  await other.close();
  await store.close();
});

const MINUTE_MS = 60_000;
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 23, 9, minutes));

/** Makes a revision and points `live` at it; gives the function's id. */
async function deploy(name: string, spec: Record<string, unknown>): Promise<string> {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name },
    spec: { runtime: 'nodejs', handler: 'index.handler', ...spec },
  });
  const { function: fn, revision } = await store.createRevision({
    tenant: 'acme',
    manifest,
    digest: JSON.stringify(spec),
    codeDigest: `sha256:${'0'.repeat(64)}`,
    codeKind: 'layer',
  });
  await store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
  return fn.id;
}

async function made(name: string): Promise<readonly AsyncInvocation[]> {
  return (await queue.list({ tenant: 'acme', function: name, limit: 1000 })).items;
}

async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

const trigger = (cron: string, more: object = {}): object => ({
  name: 'tick',
  cron,
  path: '/cron',
  body: 'now',
  ...more,
});

test('each tick is one invocation, however many gateways fire, and a restart loses and repeats none', async () => {
  await deploy('nightly', { triggers: [trigger('*/5 * * * *')], async: { maxAge: '1h' } });
  await Promise.all([queue.syncCron(at(0)), other.syncCron(at(0))]);
  expect(await queue.fireCron(at(4))).toBe(0);
  const both = await Promise.all([queue, other, queue, other].map((each) => each.fireCron(at(5))));
  expect(both.reduce((sum, fired) => sum + fired, 0)).toBe(1);
  // Nobody fired for a while: what was missed is made up for, tick by tick, each once.
  let fired = 0;
  for (let round = 0; round < 10; round++) {
    const counts = await Promise.all([queue.fireCron(at(21)), other.fireCron(at(21))]);
    fired += counts[0] + counts[1];
  }
  expect(fired).toBe(3);
  const all = await made('nightly');
  expect(all.map(({ origin, method, path }) => [origin, method, path])).toEqual(
    Array(4).fill(['cron', 'POST', '/cron']),
  );
  const headers = await sql(`select headers from async_invocations order by accepted_at, id`);
  const times = headers.map((row) => (row['headers'] as string[])[3]).sort();
  expect(times).toEqual([5, 10, 15, 20].map((minute) => at(minute).toISOString()));
});

test('ticks that nobody could have tried in time are passed over', async () => {
  await deploy('nightly', { triggers: [trigger('* * * * *')], async: { maxAge: '10m' } });
  await queue.syncCron(at(0));
  let rounds = 0;
  while ((await queue.fireCron(at(60 * 24))) > 0 || rounds < 3) rounds++;
  expect((await made('nightly')).length).toBeLessThanOrEqual(11);
  expect((await made('nightly')).length).toBeGreaterThanOrEqual(9);
});

test('cron expressions are those of the live revision, and go with the function', async () => {
  const next = async () => (await sql(`select name, next_at from cron_triggers`)).map((row) => [row['name'], (row['next_at'] as Date).toISOString()]); // prettier-ignore
  await deploy('nightly', { triggers: [trigger('0 3 * * *')] });
  await queue.syncCron(at(0));
  expect(await next()).toEqual([['tick', '2026-11-24T03:00:00.000Z']]);
  // Only the body is another: the next tick stays, also a due one.
  await deploy('nightly', { triggers: [trigger('0 3 * * *', { body: 'other' })] });
  await queue.syncCron(new Date(at(0).getTime() + 48 * 60 * MINUTE_MS));
  expect(await next()).toEqual([['tick', '2026-11-24T03:00:00.000Z']]);
  await deploy('nightly', { triggers: [trigger('30 9 * * *')] });
  await queue.syncCron(at(0));
  expect(await next()).toEqual([['tick', '2026-11-23T09:30:00.000Z']]);
  await store.deleteFunction('acme', 'nightly');
  await queue.syncCron(at(0));
  expect(await next()).toEqual([]);
});

test('a destination is told once of what became of an invocation', async () => {
  const alarm = await deploy('alarm', {});
  await deploy('ledger', {});
  const own = { ...policy, retries: 0, onSuccess: 'ledger', onFailure: 'alarm' };
  const failing = await queue.accept(invocation({ policy: own }));
  const claims: AsyncClaim[] = [];
  const work = workOn(queue, 'g1', (claim) => {
    claims.push(claim);
    return claim.id === failing.id ? 500 : 200;
  });
  const fine = await queue.accept(invocation({ policy: own }));
  await eventually(async () => (claims.length === 4 ? true : undefined), 'four tries');
  const told = claims.find((claim) => claim.function === 'alarm');
  expect(told).toMatchObject({ functionId: alarm, origin: 'destination', request: { method: 'POST', path: '/' } });
  expect(JSON.parse(told?.request.body.inline?.toString() ?? '')).toMatchObject({
    id: failing.id,
    state: 'dead',
    tries: 1,
    request: { method: 'POST', path: '/pay?x=1' },
    response: { status: 500, contentType: 'text/plain', body: Buffer.from('answer 1').toString('base64') },
  });
  const ledger = claims.find((claim) => claim.function === 'ledger');
  expect(JSON.parse(ledger?.request.body.inline?.toString() ?? '')).toMatchObject({ id: fine.id, state: 'succeeded' });
  const first = claims.find((claim) => claim.id === failing.id) as AsyncClaim;
  expect(await report(queue, first, 500)).toBe(false);
  expect(await made('alarm')).toHaveLength(1);
  await work.stop(100);
});

test('a circle of destinations ends', async () => {
  await deploy('loop', { async: { onSuccess: { function: 'loop' } } });
  await queue.accept(invocation({ policy: { ...policy, onSuccess: 'loop' } }));
  const work = workOn(queue, 'g1', () => 200);
  await eventually(async () => ((await made('loop')).length === 8 ? true : undefined), 'the circle');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await made('loop')).toHaveLength(8);
  await work.stop(100);
});

test('one that has lost its wake-up is woken again', async () => {
  const { id } = await queue.accept(invocation());
  await sql('select graphile_worker.remove_job($1)', [id]);
  const work = workOn(queue, 'g1', () => 200);
  await eventually(async () => (await queue.find('acme', id))?.endedAt ?? undefined, 'the end');
  await work.stop(100);
});

test('a stopped process that comes back finds its tries taken over, and changes nothing', async () => {
  let release: (() => void) | undefined;
  const stuck = workOn(queue, 'stuck', async (claim) => {
    await new Promise<void>((resolve) => (release = resolve));
    expect(await report(queue, claim, 200)).toBe(false);
    return 0;
  });
  const { id } = await queue.accept(invocation());
  await eventually(() => Promise.resolve(release), 'the try');
  // As if it had been stopped a while ago: it says no more that it lives, and its lock is old.
  await sql(`update async_workers set seen_at = now() - interval '1 minute'`);
  await sql(`select graphile_worker.force_unlock_workers(array(select id from async_workers))`);
  const work = workOn(other, 'alive', () => 200);
  await eventually(async () => ((await queue.find('acme', id))?.state === 'succeeded' ? true : undefined), 'the end');
  const found = await queue.find('acme', id);
  expect(found).toMatchObject({ tries: 2, history: [{ try: 1, error: expect.stringContaining('gone') }, { try: 2 }] });
  release?.();
  await stuck.stop(1_000);
  await work.stop(100);
  expect(await queue.find('acme', id)).toMatchObject({ state: 'succeeded', tries: 2 });
});

test('pages follow one another without a gap or a repeat', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 25; n++) ids.push((await queue.accept(invocation())).id);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<AsyncQueue['list']>> = await queue.list({ tenant: 'acme', limit: 7, cursor });
    seen.push(...page.items.map((row) => row.id));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual([...ids].sort().reverse());
  expect((await queue.figures()).states).toEqual([{ tenant: 'acme', function: 'f', state: 'queued', count: 25 }]);
});
