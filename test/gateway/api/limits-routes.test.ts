import { makeHarness, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const limits = {
  rate: { requests: 100, window: '10s' },
  keyRate: { requests: 5 },
  maxInFlight: 50,
  reserved: 5,
  weight: 2,
};
const url = '/v1/tenants/acme/limits';

async function ownKey(): Promise<string> {
  const [key] = await api.store.apiKeys('acme');
  return key?.id ?? '';
}

test('operators set what a tenant may do, the tenant sees it, gateways are told', async () => {
  const told: string[] = [];
  await api.store.subscribe('limits', (tenant) => told.push(tenant));
  expect((await api.call('GET', url)).body).toEqual({ updatedAt: null });
  const set = await api.call('PUT', url, { key: api.operatorKey, payload: limits });
  expect(set.status).toBe(200);
  const wanted = { ...limits, keyRate: { requests: 5, window: '1s' } };
  expect(set.body).toEqual({ ...wanted, updatedAt: expect.any(String) as string });
  expect((await api.call('GET', url)).body).toEqual(set.body);
  expect((await api.call('GET', url, { key: api.operatorKey })).status).toBe(200);
  expect(await api.store.limits()).toMatchObject([{ tenant: 'acme', keyId: null, limits: wanted }]);
  expect((await api.call('DELETE', url, { key: api.operatorKey })).status).toBe(204);
  expect((await api.call('DELETE', url, { key: api.operatorKey })).status).toBe(404);
  expect((await api.call('GET', url)).body).toEqual({ updatedAt: null });
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(['acme', 'acme']);
  const events = await api.store.events({ tenant: 'acme' });
  expect(events.items.map(({ type }) => type)).toEqual(['limits.set', 'limits.deleted']);
});

test('a tenant cannot raise its own limits, nor see another’s', async () => {
  expect((await api.call('PUT', url, { payload: limits })).body).toMatchObject({ status: 403, code: 'forbidden' });
  expect((await api.call('DELETE', url)).status).toBe(403);
  expect((await api.call('GET', '/v1/tenants/default/limits')).status).toBe(404);
  expect((await api.call('GET', '/v1/tenants/ghost/limits', { key: api.operatorKey })).status).toBe(404);
  expect((await api.call('PUT', '/v1/tenants/ghost/limits', { key: api.operatorKey, payload: limits })).status).toBe(
    404,
  );
  expect(await api.store.limits()).toEqual([]);
});

test('all that is wrong with limits is told at once', async () => {
  const payload = { rate: { requests: 0, window: '1500ms' }, weight: 0, maxInflight: 1 };
  const answer = await api.call('PUT', url, { key: api.operatorKey, payload });
  expect(answer.status).toBe(400);
  const paths = (answer.body['errors'] as unknown as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['rate.requests', 'rate.window', 'weight', '(root)']));
  expect(await api.store.limits()).toEqual([]);
});

test('a tenant’s admin limits its keys, and no one else’s', async () => {
  const id = await ownKey();
  const set = await api.call('PUT', `/v1/keys/${id}/limits`, { payload: { rate: { requests: 3, window: '1m' } } });
  expect(set.body).toMatchObject({ rate: { requests: 3, window: '1m' } });
  expect((await api.call('GET', `/v1/keys/${id}/limits`)).body).toEqual(set.body);
  expect(await api.store.limits()).toMatchObject([{ tenant: 'acme', keyId: id }]);
  const [theirs] = await api.store.apiKeys('default');
  for (const method of ['GET', 'DELETE'] as const) {
    expect((await api.call(method, `/v1/keys/${theirs?.id}/limits`)).status).toBe(404);
  }
  expect((await api.call('PUT', `/v1/keys/${theirs?.id}/limits`, { payload: {} })).status).toBe(404);
  expect(
    (await api.call('PUT', `/v1/keys/${id}/limits?tenant=acme`, { key: api.operatorKey, payload: {} })).status,
  ).toBe(200);
  const reader = await api.makeKey('acme', ['read', 'deploy', 'invoke']);
  expect((await api.call('PUT', `/v1/keys/${id}/limits`, { key: reader, payload: {} })).status).toBe(403);
  expect((await api.call('DELETE', `/v1/keys/${id}/limits`)).status).toBe(204);
  expect((await api.call('GET', `/v1/keys/${id}/limits`)).body).toEqual({ updatedAt: null });
});

test('a revoked key has no limits to set', async () => {
  const made = await api.call('POST', '/v1/keys', { payload: { name: 'ci', scopes: ['invoke'] } });
  const id = textOf(made.body['id']);
  await api.call('DELETE', `/v1/keys/${id}`);
  expect((await api.call('PUT', `/v1/keys/${id}/limits`, { payload: {} })).status).toBe(404);
});
