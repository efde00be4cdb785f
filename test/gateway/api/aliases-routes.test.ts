import { makeHarness, type Harness } from './api-harness';

let api: Harness;
let id: string;
beforeEach(async () => {
  api = await makeHarness();
  id = await api.makeFunction('acme', 'hello', 3);
});
afterEach(() => api.close());

const url = '/v1/functions/hello/aliases/canary';
const put = (weights: object[], headers: Record<string, string> = {}, to = url) =>
  api.call('PUT', to, { payload: { weights }, headers });
const all = (revision: number) => [{ revision, weight: 100 }];

test('an alias is made, read, listed, changed and deleted', async () => {
  const made = await put([
    { revision: 3, weight: 90 },
    { revision: 2, weight: 10 },
  ]);
  expect(made.status).toBe(200);
  expect(made.headers['etag']).toBe('"1"');
  const read = await api.call('GET', url);
  expect(read.headers['etag']).toBe('"1"');
  expect(read.body).toEqual(made.body);
  const list = await api.call('GET', '/v1/functions/hello/aliases');
  expect(list.body).toMatchObject({ items: [{ name: 'canary' }, { name: 'live' }], next: null });
  expect((await put(all(1))).body).toMatchObject({ generation: 2, weights: all(1) });
  expect((await api.call('DELETE', url)).status).toBe(204);
  expect((await api.call('GET', url)).status).toBe(404);
  const types = (await api.store.events({ tenant: 'acme' })).items.map(({ type }) => type);
  expect(types).toEqual(['alias.changed', 'alias.changed', 'alias.deleted']);
});

test('If-Match and If-None-Match keep two writers apart', async () => {
  expect((await put(all(1), { 'if-match': '"1"' })).status).toBe(412);
  expect((await put(all(1), { 'if-match': '*' })).status).toBe(412);
  expect((await put(all(1), { 'if-none-match': '*' })).status).toBe(200);
  expect((await put(all(2), { 'if-none-match': '*' })).status).toBe(412);
  expect((await put(all(2), { 'if-match': '"1"' })).status).toBe(200);
  const stale = await put(all(3), { 'if-match': '"1"' });
  expect(stale.status).toBe(412);
  expect(stale.body['code']).toBe('precondition_failed');
  expect((await put(all(3), { 'if-match': '*' })).status).toBe(200);
  expect((await put(all(3), { 'if-match': 'W/"x"' })).body).toMatchObject({ status: 400, code: 'invalid_argument' });
  expect((await api.call('DELETE', url, { headers: { 'if-match': '"1"' } })).status).toBe(412);
  expect((await api.call('DELETE', url, { headers: { 'if-match': '"3"' } })).status).toBe(204);
});

test('weights are checked, all problems at once', async () => {
  const revisions = await api.store.revisions(id);
  await api.store.setRevisionState(revisions.find(({ number }) => number === 2)?.id ?? '', 'failed', 'x');
  const answer = await put([
    { revision: 1, weight: 50 },
    { revision: 1, weight: 20 },
    { revision: 2, weight: 10 },
    { revision: 7, weight: 10 },
  ]);
  expect(answer.status).toBe(400);
  const paths = (answer.body['errors'] as unknown as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual(['weights.1.revision', 'weights.2.revision', 'weights.3.revision', 'weights']);
  expect((await put([])).status).toBe(400);
  expect((await put([{ revision: 1, weight: 100.5 }])).status).toBe(400);
});

test('live cannot be deleted', async () => {
  const answer = await api.call('DELETE', '/v1/functions/hello/aliases/live');
  expect(answer.body).toMatchObject({ status: 409, code: 'conflict' });
});

test('a rollback goes to the ready revision before, or to a named one', async () => {
  const revisions = await api.store.revisions(id);
  await api.store.setRevisionState(revisions.find(({ number }) => number === 2)?.id ?? '', 'failed', 'x');
  const answer = await api.call('POST', '/v1/functions/hello/rollback', {
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.body).toMatchObject({ name: 'live', weights: all(1), generation: 2 });
  const rollback = (payload?: object) => api.call('POST', '/v1/functions/hello/rollback', payload ? { payload } : {});
  expect((await rollback()).body).toMatchObject({ status: 409, code: 'conflict' });
  expect((await rollback({ to: 3 })).body).toMatchObject({ weights: all(3) });
  expect((await rollback({ to: 2 })).body).toMatchObject({ status: 409, code: 'conflict' });
  expect((await rollback({ to: 9 })).body).toMatchObject({ status: 404, code: 'not_found' });
  expect((await rollback({ too: 1 })).body).toMatchObject({ status: 400, errors: [{ hint: 'known here: to' }] });
});
