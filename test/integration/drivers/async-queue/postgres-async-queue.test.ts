import type { AsyncClaim, AsyncQueue } from '../../../../drivers/async-queue/async-queue';
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

beforeAll(async () => {
  postgres = await startTemporaryPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  url = await postgres.createDatabase();
  store = openPostgresStore(url);
  await store.migrate();
  queue = openQueue(url);
  await queue.migrate();
});
afterEach(async () => {
  await queue.close();
  await store.close();
});

const ended = (id: string) => async () => {
  const found = await queue.find('acme', id);
  return found?.endedAt ? found : undefined;
};

test('what is accepted is tried with all of its request, and its answer is kept', async () => {
  const { id } = await queue.accept(invocation());
  expect(await queue.find('acme', id)).toMatchObject({ state: 'queued', tries: 0 });
  expect(await queue.find('other', id)).toBeNull();
  const claims: AsyncClaim[] = [];
  const work = workOn(queue, 'g1', (claim) => {
    claims.push(claim);
    return 200;
  });
  expect(await eventually(ended(id), 'the end')).toMatchObject({ state: 'succeeded', tries: 1, resultStatus: 200 });
  expect(claims).toMatchObject([{ id, try: 1, request: { method: 'POST', path: '/pay?x=1' } }]);
  expect(claims[0]?.request.body.inline?.toString()).toBe('ping');
  const result = await queue.result('acme', id);
  expect(result?.body.inline?.toString()).toBe('answer 1');
  expect(await queue.result('other', id)).toBeNull();
  await work.stop(100);
});

test('a function that fails is tried again, then becomes a dead letter with an event, and a redrive begins it anew', async () => {
  const { id } = await queue.accept(invocation());
  let status = 500;
  const work = workOn(queue, 'g1', () => status);
  const dead = await eventually(ended(id), 'the dead letter');
  expect(dead).toMatchObject({ state: 'dead', tries: 3, resultStatus: 500 });
  expect(dead.history.map((entry) => [entry.try, entry.status])).toEqual([[1, 500], [2, 500], [3, 500]]); // prettier-ignore
  expect(dead.forgetAt?.getTime()).toBeGreaterThan(Date.now() + policy.resultsForMs);
  const { items } = await store.events({ tenant: 'acme', types: ['async.dead'] });
  expect(items).toMatchObject([{ function: 'f', data: { invocation: id } }]);
  expect((await queue.list({ tenant: 'acme', function: 'f', state: 'dead' })).items.map((row) => row.id)).toEqual([id]);
  status = 204;
  await queue.redrive('acme', id, new Date());
  expect(await eventually(ended(id), 'the end')).toMatchObject({ state: 'succeeded', tries: 4 });
  await expect(queue.redrive('acme', id, new Date())).rejects.toMatchObject({ code: 'conflict' });
  await work.stop(100);
});

test('one idempotency key is one invocation, however many ask at once; another request under it is refused', async () => {
  const ask = (fingerprint: string, functionId = 'f-id') =>
    queue.accept(invocation({ functionId, idempotency: { key: 'k', fingerprint } }));
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask('same')));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
  await expect(ask('different')).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 422 });
  expect((await ask('different', 'another function')).created).toBe(true);
});

test('a cancelled one is not tried, and one under way is broken off', async () => {
  const waiting = await queue.accept(invocation());
  await queue.cancel('acme', waiting.id);
  let broken = false;
  const work = workOn(queue, 'g1', async (claim, signal) => {
    if (claim.id === waiting.id) throw new Error('it was cancelled');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    broken = true;
    return 200;
  });
  const running = await queue.accept(invocation());
  await eventually(async () => (await queue.find('acme', running.id))?.state === 'running' || undefined, 'the try');
  await queue.cancel('acme', running.id);
  await eventually(() => Promise.resolve(broken || undefined), 'the break');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await queue.find('acme', running.id)).toMatchObject({ state: 'cancelled', resultStatus: null });
  await expect(queue.cancel('acme', running.id)).rejects.toMatchObject({ code: 'conflict' });
  await expect(queue.cancel('other', running.id)).rejects.toMatchObject({ code: 'not_found' });
  await work.stop(100);
});

test('a full function lets the others pass', async () => {
  const full = new Set(['f-id']);
  const work = workOn(queue, 'g1', () => 200, { full: () => [...full], slots: 1 });
  const first = await queue.accept(invocation());
  const second = await queue.accept(invocation({ functionId: 'g-id', function: 'g' }));
  await eventually(ended(second.id), 'the other');
  expect(await queue.find('acme', first.id)).toMatchObject({ state: 'queued' });
  full.clear();
  await eventually(ended(first.id), 'the first');
  await work.stop(100);
});

test('a late report of an older try changes nothing', async () => {
  const { id } = await queue.accept(invocation());
  let stale: AsyncClaim | undefined;
  const work = workOn(queue, 'g1', (claim) => {
    stale ??= claim;
    return claim.try === 1 ? 503 : 200;
  });
  await eventually(ended(id), 'the end');
  expect(await report(queue, stale as AsyncClaim, 500)).toBe(false);
  expect(await queue.find('acme', id)).toMatchObject({ state: 'succeeded', tries: 2 });
  await work.stop(100);
});

test('nothing is removed before its time, and then its bodies go with it', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const { request } = invocation();
  const { id } = await queue.accept(invocation({ request: { ...request, body: { inline: null, digest, length: 9 } } }));
  const work = workOn(queue, 'g1', () => 200);
  const { forgetAt } = await eventually(ended(id), 'the end');
  await work.stop(100);
  const removed: string[] = [];
  const remove = async (of: string): Promise<void> => void removed.push(of);
  expect(await queue.unreferenced([digest, 'sha256:b'])).toEqual(['sha256:b']);
  expect(await queue.forget(new Date(), remove)).toBe(0);
  expect(await queue.forget(new Date((forgetAt?.getTime() ?? 0) + 1), remove)).toBe(1);
  expect(removed).toEqual([digest]);
  expect(await queue.find('acme', id)).toBeNull();
  expect(await queue.unreferenced([digest])).toEqual([digest]);
});

test('what is asked to be accepted again, since the first answer got lost, is the same one', async () => {
  for (const idempotency of [null, { key: 'order-1', fingerprint: 'a' }]) {
    const made = invocation({ idempotency });
    expect(await queue.accept(made)).toEqual({ id: made.id, created: true });
    expect(await queue.accept(made)).toEqual({ id: made.id, created: true });
    let tries = 0;
    const work = workOn(queue, 'g1', () => ((tries += 1), 200));
    await eventually(ended(made.id), 'the end');
    await work.stop(100);
    expect(tries).toBe(1);
  }
});
