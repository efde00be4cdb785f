import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import { packed, sampleEvent, sampleInvocation, sampleLog } from '../../drivers/store/sample-records';
import { makeHarness, manifestOf, textOf, type Harness } from '../../gateway/api/api-harness';
import { EventReader } from '../../gateway/api/event-reader';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(120_000);

let postgres: TemporaryPostgres;
let store: Store;
let api: Harness;
beforeAll(async () => {
  postgres = await startTemporaryPostgres();
  store = openPostgresStore(await postgres.createDatabase());
  await store.migrate();
  api = await makeHarness({ store });
});
afterAll(async () => {
  await api.close();
  await store.close();
  await postgres.stop();
});

test('a function is deployed, switched, rolled back and deleted', async () => {
  const codeDigest = await api.makeCode();
  const deploy = (env: object) =>
    api.call('PUT', '/v1/functions/hello', { payload: { manifest: manifestOf('hello', { env }), codeDigest } });
  expect((await deploy({ A: '1' })).status).toBe(202);
  expect((await deploy({ A: '2' })).body).toMatchObject({ revision: 2, created: true });
  const fn = await store.findFunction('acme', 'hello');
  for (const revision of await store.revisions(fn?.id ?? '')) await store.setRevisionState(revision.id, 'ready');
  const alias = '/v1/functions/hello/aliases/live';
  const weights = [{ revision: 2, weight: 100 }];
  const made = await api.call('PUT', alias, { payload: { weights }, headers: { 'if-none-match': '*' } });
  expect(made.status).toBe(200);
  expect((await deploy({ A: '2' })).status).toBe(200);
  expect((await api.call('POST', '/v1/functions/hello/rollback')).body).toMatchObject({
    weights: [{ revision: 1, weight: 100 }],
  });
  const stale = await api.call('PUT', alias, {
    payload: { weights },
    headers: { 'if-match': made.headers['etag'] ?? '' },
  });
  expect(stale.status).toBe(412);
  expect((await api.call('DELETE', '/v1/functions/hello')).status).toBe(204);
  expect((await api.call('GET', '/v1/functions/hello')).status).toBe(404);
  expect((await deploy({ A: '1' })).body).toMatchObject({ revision: 1, created: true });
});

test('two rollbacks at once move by one', async () => {
  await api.makeFunction('acme', 'racy', 4);
  const answers = await Promise.all([1, 2, 3].map(() => api.call('POST', '/v1/functions/racy/rollback')));
  const moved = answers.filter(({ status }) => status === 200).length;
  const live = await api.call('GET', '/v1/functions/racy/aliases/live');
  expect(live.body).toMatchObject({ weights: [{ revision: 4 - moved, weight: 100 }], generation: 1 + moved });
  for (const { status } of answers) expect([200, 412]).toContain(status);
});

test('every list can be walked by its cursors', async () => {
  const at = new Date();
  await store.writeInvocations(
    packed(
      Array.from({ length: 7 }, (_, second) =>
        sampleInvocation({ tenant: 'acme', at: new Date(at.getTime() - second) }),
      ),
    ),
  );
  for (let number = 0; number < 7; number++) {
    await api.makeFunction('acme', `f${number}`);
    await store.putSecret('acme', `s${number}`, Buffer.from('x'));
    await store.createDeployment({
      id: `d${number}`,
      tenant: 'acme',
      function: 'f',
      revision: number + 1,
      workflowId: 'w',
    });
    await store.writeEvents([sampleEvent({ tenant: 'acme' })]);
  }
  for (const list of ['functions', 'invocations', 'secrets', 'deployments', 'events', 'events?order=oldest']) {
    const seen: string[] = [];
    let next = '';
    do {
      const path = `/v1/${list}${list.includes('?') ? '&' : '?'}limit=3${next && `&cursor=${next}`}`;
      const { status, body } = await api.call('GET', path);
      expect([path, status]).toEqual([path, 200]);
      const items = body['items'] as unknown as { id?: string; name: string }[];
      seen.push(...items.map(({ id, name }) => id ?? name));
      next = (body['next'] as unknown) === null ? '' : textOf(body['next']);
    } while (next !== '');
    expect(seen.length).toBeGreaterThanOrEqual(7);
    expect(new Set(seen).size).toBe(seen.length);
  }
});

test('a follower that comes and goes while many write misses no line', async () => {
  await api.makeFunction('acme', 'chatty');
  const lines = (writer: number) =>
    [0, 1, 2, 3, 4].map((n) => sampleLog({ tenant: 'acme', function: 'chatty', text: `${writer}/${n}` }));
  const headers: Record<string, string> = { 'x-api-key': api.acmeKey };
  let reader = await EventReader.open(`${api.origin}/v1/functions/chatty/logs`, headers);
  await reader.block();
  const writing = Promise.all(Array.from({ length: 20 }, (_, writer) => store.writeLogs(lines(writer))));
  const seen: string[] = [];
  while (seen.length < 100) {
    const [event] = await reader.take(1);
    if (!event?.id || !event.data) throw new Error('the stream ended');
    seen.push((JSON.parse(event.data) as { text: string }).text);
    if (seen.length % 30 !== 0) continue;
    reader.close();
    reader = await EventReader.open(`${api.origin}/v1/functions/chatty/logs`, {
      ...headers,
      'last-event-id': event.id,
    });
  }
  await writing;
  reader.close();
  expect(new Set(seen).size).toBe(100);
});

test('the database may die under a stream: it goes on where it was', async () => {
  const reader = await EventReader.open(`${api.origin}/v1/events`, { 'x-api-key': api.acmeKey });
  await reader.block();
  await store.writeEvents([sampleEvent({ tenant: 'acme', type: 'before' })]);
  expect((await reader.take(2)).at(-1)?.event).toBe('before');
  await postgres.kill();
  const away = await api.call('GET', '/v1/functions');
  expect(away.body).toMatchObject({ status: 503, code: 'unavailable' });
  await postgres.start();
  const write = (): Promise<boolean> => store.writeEvents([sampleEvent({ tenant: 'acme', type: 'after' })]).then(() => true, () => false); // prettier-ignore
  while (!(await write()));
  expect((await reader.take(1))[0]?.event).toBe('after');
  reader.close();
});
