import { makeHarness, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const answered = { state: 'succeeded', endedAt: new Date('2026-11-23T09:00:01.000Z'), resultStatus: 201 } as const;
const resultOf = (text: string, truncated = false) => ({
  status: 201,
  headers: ['Content-Type', 'text/html', 'set-cookie', 'a=1'],
  body: { inline: Buffer.from(text), digest: null, length: text.length },
  truncated,
});

test('lists the tenant’s own, by function and state', async () => {
  api.async.add({ id: 'a', tenant: 'acme', state: 'dead', function: 'pay' });
  api.async.add({ id: 'b', tenant: 'acme' });
  api.async.add({ id: 'c', tenant: 'default', state: 'dead' });
  const dead = await api.call('GET', '/v1/async', { query: { state: 'dead', function: 'pay' } });
  expect(dead.body['items']).toMatchObject([{ id: 'a', state: 'dead', function: 'pay', status: null }]);
  const all = await api.call('GET', '/v1/async');
  expect((all.body['items'] as unknown as { id: string }[]).map(({ id }) => id)).toEqual(['a', 'b']);
  expect((await api.call('GET', '/v1/async', { query: { state: 'odd' } })).status).toBe(400);
});

test('shows one with its answer, and the body without letting a browser run it', async () => {
  api.async.add({ id: 'a', tenant: 'acme', ...answered });
  api.async.results.set('a', resultOf('<b>done</b>'));
  const key = await api.makeKey('acme', ['invoke']);
  const one = await api.call('GET', '/v1/async/a', { key });
  expect(one.body).toMatchObject({
    state: 'succeeded',
    status: 201,
    result: { status: 201, bytes: 11, location: '/v1/async/a/result', headers: [['Content-Type', 'text/html'], ['set-cookie', 'a=1']] }, // prettier-ignore
  });
  const body = await api.call('GET', textOf(one.body['result']?.['location']), { key });
  expect([body.status, body.text]).toEqual([200, '<b>done</b>']);
  expect(body.headers).toMatchObject({
    'content-type': 'text/html',
    'x-presage-status': '201',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  expect(body.headers['set-cookie']).toBeUndefined();
});

test('another tenant sees and changes nothing', async () => {
  api.async.add({ id: 'a', tenant: 'default', ...answered });
  api.async.results.set('a', resultOf('secret'));
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/result'],
    ['POST', '/cancel'],
    ['POST', '/redrive'],
  ] as const) {
    expect((await api.call(method, `/v1/async/a${path}`)).status).toBe(404);
  }
});

test('one that has no answer, or not yet, says so', async () => {
  api.async.add({ id: 'open', tenant: 'acme', state: 'waiting' });
  api.async.add({ id: 'none', tenant: 'acme', state: 'dead', endedAt: new Date(), reason: 'it failed 4 time(s)' });
  api.async.add({ id: 'huge', tenant: 'acme', ...answered });
  api.async.results.set('huge', resultOf('', true));
  const open = await api.call('GET', '/v1/async/open/result');
  expect([open.status, textOf(open.body['detail'])]).toEqual([409, expect.stringContaining('waiting')]);
  const none = await api.call('GET', '/v1/async/none/result');
  expect([none.status, textOf(none.body['detail'])]).toEqual([404, expect.stringContaining('it failed 4 time(s)')]);
  expect((await api.call('GET', '/v1/async/huge/result')).status).toBe(404);
});

test('cancel and redrive change it, tell of it, and need the scope deploy', async () => {
  api.async.add({ id: 'a', tenant: 'acme' });
  const invoker = await api.makeKey('acme', ['invoke', 'read']);
  expect((await api.call('POST', '/v1/async/a/cancel', { key: invoker })).status).toBe(403);
  expect((await api.call('POST', '/v1/async/a/cancel')).body).toMatchObject({ state: 'cancelled' });
  expect((await api.call('POST', '/v1/async/a/cancel')).status).toBe(409);
  expect((await api.call('POST', '/v1/async/a/redrive')).body).toMatchObject({ state: 'queued' });
  const { items } = await api.store.events({ tenant: 'acme' });
  expect(items.map(({ type, data }) => [type, data['invocation']])).toEqual([
    ['async.cancelled', 'a'],
    ['async.redriven', 'a'],
  ]);
});

test('a webhook takes any body and query without a key, and nothing at a wrong URL', async () => {
  const answer = await api.call('POST', '/hooks/acme/pay/paid/right?x=1&y=a%20b', {
    key: null,
    headers: { 'content-type': 'application/x-anything' },
    payload: 'raw {body',
  });
  expect([answer.status, answer.headers['location']]).toEqual([202, '/v1/async/accepted']);
  expect(api.async.called).toEqual([{ query: 'x=1&y=a%20b', body: 'raw {body' }]);
  expect((await api.call('POST', '/hooks/acme/pay/paid/wrong', { key: null, payload: 'x' })).status).toBe(404);
});

test('the triggers of the live revision are listed with their URLs and next times', async () => {
  const fn = await api.makeFunction('acme', 'pay');
  const none = await api.call('GET', '/v1/functions/pay/triggers');
  expect(none.body).toEqual({ items: [] });
  const reader = await api.makeKey('acme', ['read']);
  expect((await api.call('GET', '/v1/functions/pay/triggers', { key: reader })).status).toBe(403);
  const live = await api.store.findRevision(fn, 1);
  const manifest = structuredClone(live?.manifest);
  if (!live || !manifest) throw new Error('the function has no revision');
  const common = { timeZone: 'UTC', method: 'POST' as const, path: '/', headers: {} };
  manifest.spec.triggers = [
    { ...common, name: 'nightly', cron: '0 3 * * *' },
    { ...common, name: 'paid', webhook: { secret: 'shared', signatureHeader: 'x-sig' } },
  ];
  const { revision } = await api.store.createRevision({
    tenant: 'acme',
    manifest,
    digest: 'with triggers',
    codeDigest: live.codeDigest,
    codeKind: 'layer',
  });
  await api.store.setAlias(fn, 'live', [{ revision: revision.number, weight: 100 }]);
  const { body } = await api.call('GET', '/v1/functions/pay/triggers');
  expect(body['items']).toMatchObject([
    { name: 'nightly', kind: 'cron', cron: '0 3 * * *', url: null, nextAt: expect.stringContaining('T03:00:00.000Z') },
    { name: 'paid', kind: 'webhook', cron: null, url: '/hooks/acme/pay/paid/right', signed: true, nextAt: null },
  ]);
});
