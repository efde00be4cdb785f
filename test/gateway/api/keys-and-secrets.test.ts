import { makeHarness, textOf, type Answer, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

test('a key is shown once, works, and is listed by its first characters', async () => {
  const made = await api.call('POST', '/v1/keys', { payload: { name: 'ci', scopes: ['read', 'read'] } });
  expect(made.status).toBe(201);
  expect(made.headers['cache-control']).toBe('no-store');
  expect(made.body['scopes']).toEqual(['read']);
  const key = textOf(made.body['key']);
  expect(key).toMatch(/^psk_[\w-]{43}$/);
  expect((await api.call('GET', '/v1/functions', { key })).status).toBe(200);
  const list = await api.call('GET', '/v1/keys');
  expect(list.text).toContain(textOf(made.body['prefix']));
  expect(list.text).not.toContain(key);
  expect(api.logged()).not.toContain(key);
  expect(JSON.stringify(await api.store.events({ tenant: 'acme' }))).not.toContain(key);
});

test('a revoked key is refused; the last admin key stays', async () => {
  const [admin] = await api.store.apiKeys('acme');
  const last = await api.call('DELETE', `/v1/keys/${admin?.id}`);
  expect(last.body).toMatchObject({ status: 409, code: 'conflict' });
  const second = await api.call('POST', '/v1/keys', { payload: { name: 'two', scopes: ['admin'] } });
  expect((await api.call('DELETE', `/v1/keys/${admin?.id}`)).status).toBe(204);
  expect((await api.call('GET', '/v1/keys')).status).toBe(401);
  const key = textOf(second.body['key']);
  expect((await api.call('DELETE', `/v1/keys/${admin?.id}`, { key })).status).toBe(404);
  const reader = await api.call('POST', '/v1/keys', { key, payload: { name: 'r', scopes: ['read'] } });
  expect((await api.call('DELETE', `/v1/keys/${textOf(reader.body['id'])}`, { key })).status).toBe(204);
  const types = (await api.store.events({ tenant: 'acme' })).items.map(({ type }) => type);
  expect(types).toEqual(['key.created', 'key.revoked', 'key.created', 'key.revoked']);
});

test('a secret is sealed for its tenant and name, and its value is nowhere else', async () => {
  const value = 'hunter2-and-more';
  const url = '/v1/secrets/token';
  expect((await api.call('PUT', url, { payload: { value } })).status).toBe(204);
  const sealed = (await api.store.readSecrets('acme', ['token'])).get('token');
  expect(sealed?.includes(value)).toBe(false);
  expect(await api.vault.read('acme', ['token'])).toEqual(new Map([['token', value]]));
  const list = await api.call('GET', '/v1/secrets');
  expect(list.body).toMatchObject({ items: [{ name: 'token' }], next: null });
  const wrong = await api.call('PUT', url, { payload: { value, extra: value } });
  const nul = await api.call('PUT', url, { payload: { value: `${value}\0` } });
  const broken = await api.call('PUT', url, {
    payload: `{"value":"${value}`,
    headers: { 'content-type': 'application/json' },
  });
  jest.spyOn(api.store, 'putSecret').mockRejectedValueOnce(new Error('the database said no'));
  const failed = await api.call('PUT', url, { payload: { value } });
  expect([wrong, nul, broken, failed].map(({ status }) => status)).toEqual([400, 400, 400, 500]);
  const seen = [list, wrong, nul, broken, failed].map(({ text }) => text).join('') + api.logged();
  expect(seen).not.toContain(value);
  expect(JSON.stringify(await api.store.events({ tenant: 'acme' }))).not.toContain(value);
  expect((await api.call('DELETE', url)).status).toBe(204);
  expect((await api.call('DELETE', url)).status).toBe(404);
  const types = (await api.store.events({ tenant: 'acme' })).items.map(({ type }) => type);
  expect(types).toEqual(['secret.set', 'secret.deleted']);
});

test('a rotated key keeps its id; the secret before it works for the overlap, the one before that no longer', async () => {
  const made = await api.call('POST', '/v1/keys', { payload: { name: 'ci', scopes: ['read'] } });
  const rotate = (payload?: object) =>
    api.call('POST', `/v1/keys/${textOf(made.body['id'])}/rotate`, payload ? { payload } : {});
  const status = async (answer: Answer) => (await api.call('GET', '/v1/functions', { key: textOf(answer.body['key']) })).status; // prettier-ignore
  const second = await rotate();
  expect(second.body).toMatchObject({ id: made.body['id'], scopes: ['read'], expiresAt: null });
  expect(second.headers['cache-control']).toBe('no-store');
  expect([await status(made), await status(second)]).toEqual([200, 200]);
  const third = await rotate({ overlapSeconds: 60 });
  expect([await status(made), await status(second), await status(third)]).toEqual([401, 200, 200]);
  const fourth = await rotate({ overlapSeconds: 0 });
  expect([await status(third), await status(fourth)]).toEqual([401, 200]);
  expect((await api.call('POST', '/v1/keys/nobody/rotate')).status).toBe(404);
  expect((await rotate({ overlapSeconds: 604_801 })).status).toBe(400);
  const seen = (await api.call('GET', '/v1/keys')).text + api.logged();
  for (const answer of [second, third, fourth]) expect(seen).not.toContain(textOf(answer.body['key']));
});

test('a key expires; one that does cannot stand in for the last that stays', async () => {
  const expiring = (expiresAt: string) =>
    api.call('POST', '/v1/keys', { payload: { name: 'soon', scopes: ['admin'], expiresAt } });
  expect((await expiring(new Date(Date.now() - 1).toISOString())).body).toMatchObject({
    status: 400,
    errors: [{ path: 'expiresAt' }],
  });
  const made = await expiring(new Date(Date.now() + 700).toISOString());
  const key = textOf(made.body['key']);
  expect((await api.call('GET', '/v1/functions', { key })).status).toBe(200);
  const [admin] = await api.store.apiKeys('acme');
  expect((await api.call('DELETE', `/v1/keys/${admin?.id}`, { key })).status).toBe(409);
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect((await api.call('GET', '/v1/functions', { key })).status).toBe(401);
  expect((await api.call('DELETE', `/v1/keys/${textOf(made.body['id'])}`)).status).toBe(204);
});

test('operators alone rewrap, over all tenants', async () => {
  await api.vault.put('acme', 'token', 'hunter2');
  const rewrap = (key: string) => api.call('POST', '/v1/secrets/rewrap', { key, payload: { newDataKeys: true } });
  expect((await rewrap(api.acmeKey)).status).toBe(403);
  expect((await rewrap(api.operatorKey)).body).toEqual({ dataKeys: 0, secrets: 1, failures: [] });
  expect(await api.vault.read('acme', ['token'])).toEqual(new Map([['token', 'hunter2']]));
});
