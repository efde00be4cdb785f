import { makeHarness, type Harness } from './api-harness';

const NOW = new Date('2026-11-23T09:10:30.000Z');
let api: Harness;
beforeEach(async () => {
  api = await makeHarness({ now: () => NOW });
  await api.makeFunction('acme', 'pay');
  await api.makeFunction('acme', 'cart');
});
afterEach(() => api.close());

const put = (payload: string | Buffer, query: Record<string, string> = {}, key?: string) =>
  api.call('PUT', '/v1/history', {
    payload,
    query,
    headers: { 'content-type': 'text/csv' },
    ...(key === undefined ? {} : { key }),
  });
const days = async (name: string) => (await api.call('GET', `/v1/functions/${name}/history`)).body['items'];
const audited = async () =>
  (await api.store.audit({ tenant: 'acme' })).items.map(({ action, outcome }) => `${action} ${outcome}`);

test('imports lines of different length that end now, as it says, and shows them as imported', async () => {
  const answer = await put('pay,1,2,3\ncart,0\n', { source: 'the old system' });
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({
    dryRun: false,
    changedDays: 2,
    items: [
      { function: 'pay', from: '2026-11-23T09:07:00.000Z', to: '2026-11-23T09:10:00.000Z', minutes: 3, total: 6 },
      { function: 'cart', from: '2026-11-23T09:09:00.000Z', to: '2026-11-23T09:10:00.000Z', minutes: 1, total: 0 },
    ],
  });
  const day = '2026-11-23T00:00:00.000Z';
  expect(await days('pay')).toEqual([
    { day, importedMinutes: 3, imported: 6, source: 'the old system', ownMinutes: 0, own: 0 },
  ]);
  expect(await audited()).toEqual(['importHistory allowed']);
});

test('begins or ends when it is told to', async () => {
  expect((await put('pay,1,2', { from: '2026-11-22T10:00:00+01:00' })).body['items']?.[0]).toMatchObject({
    from: '2026-11-22T09:00:00.000Z',
  });
  expect((await put('pay,1,2', { end: '2026-11-22T00:01:00Z' })).body['items']?.[0]).toMatchObject({
    from: '2026-11-21T23:59:00.000Z',
    to: '2026-11-22T00:01:00.000Z',
  });
  for (const query of [
    { from: '2026-11-22T10:00:00Z', end: '2026-11-22T11:00:00Z' },
    { from: '2026-11-22T10:00:01Z' },
    { end: 'yesterday' },
    { dryRun: 'perhaps' },
  ]) {
    expect((await put('pay,1', query as Record<string, string>)).status).toBe(400);
  }
});

test('the same again, and a dry run, change nothing and are in no audit log', async () => {
  await put('pay,1,2');
  expect((await put('pay,1,2')).body).toMatchObject({ changedDays: 0 });
  expect((await put('cart,5', { dryRun: 'true' })).body).toMatchObject({ dryRun: true, items: [{ total: 5 }] });
  expect(await days('cart')).toEqual([]);
  expect(await audited()).toEqual(['importHistory allowed']);
});

test('with any problem nothing is imported, and all are told', async () => {
  await api.makeFunction('default', 'theirs');
  const answer = await put('pay,1\nfoo,1\ntheirs,1\ncart,-1,2.5\npay,2\n');
  expect(answer.status).toBe(400);
  expect(answer.body['errors']).toMatchObject([
    { path: 'line 4', message: '(cart): minute 0 is "-1", and 1 more values are wrong' },
    { path: 'line 5', message: 'names pay a second time' },
    { path: 'foo', message: 'is not a function of this tenant' },
    { path: 'theirs', message: 'is not a function of this tenant' },
  ]);
  const late = await put('pay,1,2,3\ncart,1\n', { from: '2026-11-23T09:08:00Z' });
  expect(late.body['errors']).toMatchObject([{ path: 'pay', message: expect.stringContaining('not over yet') }]);
  const old = await put('pay,1', { end: '2026-01-01T00:00:00Z' });
  expect(old.body['errors']).toMatchObject([{ path: 'pay', hint: expect.stringContaining('90 days') }]);
  expect((await put('')).status).toBe(400);
  expect(await days('pay')).toEqual([]);
  expect(await audited()).toEqual([]);
});

test('what is too large or of another kind is refused before it is stored', async () => {
  const large = await put(Buffer.alloc(33 * 1024 * 1024, '1'));
  expect(large.status).toBe(413);
  const other = await api.call('PUT', '/v1/history', { payload: { pay: [1] } });
  expect(other.status).toBe(415);
});

test('a key to read shows, one to deploy imports and forgets', async () => {
  const [reader, deployer] = [await api.makeKey('acme', ['read', 'invoke']), await api.makeKey('acme', ['deploy'])];
  expect((await put('pay,1', {}, reader)).status).toBe(403);
  expect((await put('pay,1', {}, deployer)).status).toBe(200);
  const url = '/v1/functions/pay/history';
  expect((await api.call('GET', url, { key: reader })).status).toBe(200);
  expect((await api.call('DELETE', url, { key: reader })).status).toBe(403);
  expect((await api.call('DELETE', url, { key: deployer })).status).toBe(204);
  expect((await api.call('DELETE', url, { key: deployer })).status).toBe(404);
  expect(await days('pay')).toEqual([]);
  expect((await api.call('GET', '/v1/functions/nobody/history')).status).toBe(404);
});
