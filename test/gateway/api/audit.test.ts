import { PlatformError } from '../../../core/error/platform-error';
import { makeHarness, manifestOf, textOf, type Harness, type Json } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const entries = async (query = '', key = api.acmeKey): Promise<Json[]> =>
  (await api.call('GET', `/v1/audit${query}`, { key })).body['items'] as unknown as Json[];

test('each change is there with who, what, from where, and how it looked before and after', async () => {
  const [key] = await api.store.apiKeys('acme');
  const put = await api.call('PUT', '/v1/secrets/token', { payload: { value: 'hunter2' } });
  await api.call('PUT', '/v1/secrets/token', { payload: { value: 'hunter2' } });
  await api.call('DELETE', '/v1/secrets/token?tenant=acme');
  const [deleted, second, first, ...more] = await entries();
  expect(more).toEqual([]);
  expect(first).toMatchObject({
    tenant: 'acme',
    principal: key?.id,
    action: 'putSecret',
    resource: '/v1/secrets/token',
    before: null,
    after: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    requestId: put.headers['x-request-id'],
    address: '127.0.0.1',
    outcome: 'allowed',
    status: 204,
  });
  expect(second).toMatchObject({ before: first?.['after'] });
  expect(deleted).toMatchObject({ action: 'deleteSecret', before: second?.['after'], after: null });
  expect(second?.['after']).not.toEqual(first?.['after']);
});

test('every changing route of the API is covered without a word of its own', async () => {
  const document = (await api.call('GET', '/openapi.json', { key: null })).body as unknown as {
    paths: Record<string, Record<string, { operationId: string; security?: unknown[] }>>;
  };
  let changing = 0;
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const [verb, { operationId, security }] of Object.entries(operations)) {
      // Webhooks are taken from whoever knows their URL: nobody is asked for a key, so nobody is refused.
      if (verb === 'get' || security?.length === 0) continue;
      changing++;
      // One for each: of one caller no more than some refusals are written down.
      const reader = await api.makeKey('acme', ['read']);
      const known = (await api.store.apiKeys('acme')).map(({ id }) => id);
      const path = template.replaceAll(/\{\w+\}/g, 'x1');
      await api.call(verb.toUpperCase() as 'PUT', path, { key: reader });
      const [newest] = await entries();
      expect(newest).toMatchObject({ action: operationId, outcome: 'refused', status: 403 });
      expect(known).toContain(newest?.['principal']);
    }
  }
  expect(changing).toBeGreaterThan(10);
});

test('a request that could change nothing is not in it', async () => {
  const codeDigest = await api.makeCode();
  await api.call('PUT', '/v1/secrets/token', { payload: { wrong: 1 } });
  await api.call('DELETE', '/v1/secrets/nothing');
  await api.call('GET', '/v1/keys', { key: await api.makeKey('acme', ['read']) });
  await api.call('PUT', '/v1/functions/f?dryRun=true', { payload: { manifest: manifestOf('f'), codeDigest } });
  expect(await entries()).toEqual([]);
  await api.call('PUT', '/v1/functions/f', { payload: { manifest: manifestOf('f'), codeDigest } });
  expect(await entries()).toMatchObject([{ action: 'deployFunction', before: null, status: 202 }]);
});

test('an attempt at another tenant is in the log of who tried; that of a stranger is for operators', async () => {
  await api.call('PUT', '/v1/secrets/token?tenant=default', { payload: { value: 'x' } });
  expect(await entries()).toMatchObject([{ tenant: 'acme', outcome: 'refused', status: 403 }]);
  await api.call('PUT', '/v1/secrets/token', { key: 'psk_guess', payload: { value: 'x' } });
  expect(await entries('', api.operatorKey)).toEqual([]);
  expect(await entries('?all=true')).toHaveLength(1);
  expect(await entries('?all=true', api.operatorKey)).toMatchObject([
    { tenant: null, principal: null, outcome: 'refused', status: 401 },
    { tenant: 'acme' },
  ]);
  await api.call('PUT', '/v1/secrets/token?tenant=acme', { key: api.operatorKey, payload: { value: 'x' } });
  expect(await entries('?outcome=allowed')).toMatchObject([{ tenant: 'acme' }]);
});

test('refusals are bounded for each caller, and what is left out is counted', async () => {
  for (let i = 0; i < 25; i++) await api.call('DELETE', '/v1/secrets/token', { key: null });
  const reader = await api.makeKey('acme', ['read']);
  await api.call('DELETE', '/v1/secrets/token', { key: reader });
  expect(await entries('?all=true&outcome=refused', api.operatorKey)).toHaveLength(21);
  const metrics = (await api.call('GET', '/metrics', { key: null })).text;
  expect(metrics).toContain('presage_audit_refusals_suppressed_total 5');
});

test('while the store takes no entry the change is answered, and the entry follows', async () => {
  const write = jest.spyOn(api.store, 'writeAudit').mockRejectedValueOnce(new PlatformError('unavailable', 'away'));
  expect((await api.call('PUT', '/v1/secrets/token', { payload: { value: 'x' } })).status).toBe(204);
  expect(await entries()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(write).toHaveBeenCalledTimes(2);
  expect(await entries()).toMatchObject([{ action: 'putSecret' }]);
});

test('it is an admin’s to read, with filters, and holds no secret', async () => {
  const value = 'hunter2-and-more';
  await api.call('PUT', '/v1/secrets/token', { payload: { value }, query: {} });
  const made = await api.call('POST', '/v1/keys', { payload: { name: 'ci', scopes: ['read', 'deploy'] } });
  expect((await api.call('GET', '/v1/audit', { key: textOf(made.body['key']) })).status).toBe(403);
  const text = JSON.stringify(await entries('?limit=1000'));
  expect(text).not.toContain(value);
  expect(text).not.toContain(textOf(made.body['key']));
  expect(await entries('?action=createKey')).toHaveLength(1);
  expect(await entries('?resource=/v1/secrets/')).toHaveLength(1);
  expect(await entries(`?since=${new Date(Date.now() + 1000).toISOString()}`)).toEqual([]);
  const page = await api.call('GET', '/v1/audit?limit=1');
  expect(page.body['next']).toEqual(expect.any(String));
  const next = await api.call('GET', `/v1/audit?limit=1&cursor=${textOf(page.body['next'])}`);
  expect(next.body['next']).toBeNull();
});
