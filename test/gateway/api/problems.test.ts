import { PlatformError } from '../../../core/error/platform-error';
import { makeHarness, type Answer, textOf, type Harness } from './api-harness';

let api: Harness;
beforeAll(async () => (api = await makeHarness()));
afterAll(() => api.close());

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ type: `urn:presage:problem:${code}`, status, code });
  expect(answer.status).toBe(status);
  expect(answer.body['requestId']).toBe(answer.headers['x-request-id']);
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+/);
}

test('JSON that does not parse', async () => {
  const answer = await api.call('POST', '/v1/keys', {
    payload: '{"name":',
    headers: { 'content-type': 'application/json' },
  });
  expectProblem(answer, 400, 'invalid_argument');
});

test('a body of another type, too long, or with a poisoned key', async () => {
  const xml = await api.call('POST', '/v1/keys', { payload: '<a/>', headers: { 'content-type': 'application/xml' } });
  expectProblem(xml, 415, 'unsupported_media_type');
  const long = await api.call('POST', '/v1/keys', { payload: { name: 'x'.repeat(1024 * 1024), scopes: [] } });
  expectProblem(long, 413, 'payload_too_large');
  const poisoned = await api.call('POST', '/v1/keys', {
    payload: '{"name":"a","scopes":["read"],"__proto__":{"x":1}}',
    headers: { 'content-type': 'application/json' },
  });
  expectProblem(poisoned, 400, 'invalid_argument');
});

test('a body that does not fit names every problem with its path, and the known fields', async () => {
  const answer = await api.call('POST', '/v1/keys', { payload: { name: '', scopes: ['root'], colour: 'red' } });
  expectProblem(answer, 400, 'invalid_argument');
  expect(answer.body['errors']).toMatchObject([
    { path: 'name' },
    { path: 'scopes.0' },
    { path: '(root)', message: 'Unrecognized key: "colour"', hint: 'known here: name, scopes, expiresAt' },
  ]);
  expectProblem(await api.call('POST', '/v1/keys'), 400, 'invalid_argument');
});

test('an unknown query parameter is refused with the list of the known ones', async () => {
  const answer = await api.call('GET', '/v1/functions?limt=3');
  expectProblem(answer, 400, 'invalid_argument');
  expect(answer.body['detail']).toContain('The query has 1 problem');
  expect(answer.body['errors']).toMatchObject([{ hint: 'known here: tenant, limit, cursor, activity' }]);
  expectProblem(await api.call('GET', '/livez?x=1'), 400, 'invalid_argument');
});

test.each([
  '/v1/functions?limit=0',
  '/v1/functions?limit=1001',
  '/v1/functions?limit=ten',
  '/v1/functions/Not_A_Name',
  '/v1/functions/hello/revisions/0',
  '/v1/functions/hello/revisions/2147483648',
  '/v1/invocations?kind=lukewarm',
])('%s is refused', async (url) => expectProblem(await api.call('GET', url), 400, 'invalid_argument'));

test.each([
  'functions',
  'invocations',
  'instances',
  'events',
  'secrets',
  'keys',
  'tenants',
  'checkpoints',
  'deployments',
])('a bad cursor of %s is refused', async (list) => {
  for (const cursor of ['%25', 'bm90IGpzb24', Buffer.from('["other","x"]').toString('base64url')]) {
    expectProblem(await api.call('GET', `/v1/${list}?cursor=${cursor}`), 400, 'invalid_argument');
  }
});

test('an unknown path is 404, a known one under another method is 405 with Allow', async () => {
  expectProblem(await api.call('GET', '/v1/nothing'), 404, 'not_found');
  expectProblem(await api.call('GET', '/'), 404, 'not_found');
  const answer = await api.call('POST', '/v1/functions/hello?tenant=x');
  expectProblem(answer, 405, 'method_not_allowed');
  expect(answer.headers['allow']).toBe('GET, HEAD, PUT, DELETE');
  expectProblem(await api.call('PATCH', '/v1/keys'), 405, 'method_not_allowed');
  expect((await api.call('HEAD', '/v1/events')).status).toBe(405);
});

test.each(['/v1/invocations/' + '0'.repeat(101), '/v1/functions/%zz'])(
  'a path that the router itself refuses is refused as the others are: %s',
  async (url) => expectProblem(await api.call('GET', url), 400, 'invalid_argument'),
);

test('no key, a wrong one and one that may not: who, what and what next', async () => {
  const none = await api.call('GET', '/v1/functions', { key: null });
  expectProblem(none, 401, 'unauthenticated');
  expect(none.headers['www-authenticate']).toContain('Bearer');
  expectProblem(await api.call('GET', '/v1/functions', { key: 'psk_wrong' }), 401, 'unauthenticated');
  expectProblem(
    await api.call('GET', '/v1/functions', { key: null, headers: { 'x-api-key': 'psk_wrong' } }),
    401,
    'unauthenticated',
  );
  const reader = await api.makeKey('acme', ['read']);
  expectProblem(await api.call('PUT', '/v1/secrets/token', { key: reader, payload: { value: 'x' } }), 403, 'forbidden');
  expect((await api.call('GET', '/v1/functions', { key: null, headers: { 'x-api-key': reader } })).status).toBe(200);
});

test('an unexpected failure tells the caller nothing but where to look, and the log everything', async () => {
  jest.spyOn(api.store, 'functions').mockRejectedValueOnce(new Error('password=hunter2 in table functions'));
  const answer = await api.call('GET', '/v1/functions');
  expectProblem(answer, 500, 'internal');
  expect(answer.text).not.toContain('hunter2');
  expect(api.logged()).toContain('in table functions');
  expect(api.logged()).toContain(textOf(answer.body['requestId']));
});

test('a component that is away is 503 with Retry-After', async () => {
  jest.spyOn(api.store, 'functions').mockRejectedValueOnce(new PlatformError('unavailable', 'PostgreSQL is away'));
  const answer = await api.call('GET', '/v1/functions');
  expectProblem(answer, 503, 'unavailable');
  expect(answer.headers['retry-after']).toBe('1');
});
