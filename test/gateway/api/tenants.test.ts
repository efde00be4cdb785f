import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, manifestOf, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

/** Every route that names something of a tenant, with something of `default` that acme asks for. */
async function foreignRequests(): Promise<
  [method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object][]
> {
  await api.makeFunction('default', 'theirs', 2);
  await api.store.createDeployment({ id: 'd1', tenant: 'default', function: 'theirs', revision: 1, workflowId: 'w' });
  await api.store.writeInvocations(packed([sampleInvocation({ id: 'i1', tenant: 'default', function: 'theirs' })]));
  await api.store.putSecret('default', 'token', Buffer.from('sealed'));
  const [key] = await api.store.apiKeys('default');
  return [
    ['GET', '/v1/functions/theirs'],
    ['DELETE', '/v1/functions/theirs'],
    ['GET', '/v1/functions/theirs/revisions'],
    ['GET', '/v1/functions/theirs/revisions/1'],
    ['GET', '/v1/functions/theirs/aliases'],
    ['GET', '/v1/functions/theirs/aliases/live'],
    ['PUT', '/v1/functions/theirs/aliases/live', { weights: [{ revision: 1, weight: 100 }] }],
    ['DELETE', '/v1/functions/theirs/aliases/live'],
    ['POST', '/v1/functions/theirs/rollback', {}],
    ['POST', '/v1/functions/theirs/checkpoints', {}],
    ['GET', '/v1/functions/theirs/counts'],
    ['GET', '/v1/functions/theirs/logs'],
    ['GET', '/v1/deployments/d1'],
    ['GET', '/v1/invocations/i1'],
    ['GET', '/v1/invocations/i1/logs'],
    ['DELETE', '/v1/secrets/token'],
    ['DELETE', `/v1/keys/${key?.id}`],
    ['GET', `/v1/keys/${key?.id}/limits`],
    ['PUT', `/v1/keys/${key?.id}/limits`, {}],
    ['DELETE', `/v1/keys/${key?.id}/limits`],
    ['GET', '/v1/tenants/default/limits'],
  ];
}

test('what belongs to another tenant is not there', async () => {
  for (const [method, url, payload] of await foreignRequests()) {
    const answer = await api.call(method, url, payload ? { payload } : {});
    expect([method, url, answer.status]).toEqual([method, url, 404]);
    const stream = await api.call(method, url, {
      headers: { accept: 'text/event-stream' },
      ...(payload ? { payload } : {}),
    });
    expect(stream.status).toBe(404);
  }
  expect(await api.store.findFunction('default', 'theirs')).not.toBeNull();
  expect(await api.store.secrets('default')).toHaveLength(1);
});

test('naming another tenant is for operators alone, and works on every route for them', async () => {
  const requests = await foreignRequests();
  for (const [method, url, payload] of requests) {
    const answer = await api.call(method, `${url}?tenant=default`, payload ? { payload } : {});
    expect([method, url, answer.status]).toEqual([method, url, 403]);
  }
  await api.makeFunction('acme', 'ours');
  const asAcme = await api.call('GET', '/v1/functions?tenant=acme', { key: api.operatorKey });
  expect(asAcme.body).toMatchObject({ items: [{ name: 'ours', tenant: 'acme' }] });
  expect((await api.call('GET', '/v1/functions?tenant=acme')).status).toBe(200);
  const reader = await api.makeKey('default', ['read', 'deploy']);
  expect((await api.call('GET', '/v1/functions?tenant=acme', { key: reader })).status).toBe(403);
  expect((await api.call('GET', '/v1/functions?tenant=ghost', { key: api.operatorKey })).body).toMatchObject({
    status: 404,
  });
  expect((await api.call('GET', '/v1/functions?tenant=acme&tenant=acme', { key: api.operatorKey })).status).toBe(404);
});

test.each(['functions', 'deployments', 'invocations', 'instances', 'checkpoints', 'events', 'secrets', 'keys'])(
  'the list of %s holds what is the tenant’s own alone',
  async (list) => {
    await foreignRequests();
    const { revision } = await api.store.createRevision({
      tenant: 'default',
      manifest: (await api.store.revisions((await api.store.findFunction('default', 'theirs'))?.id ?? ''))[0]!.manifest,
      digest: 'x',
      codeDigest: 'c',
      codeKind: 'layer',
    });
    const own = { tenant: 'default', function: 'theirs', node: 'local' };
    await api.store.createCheckpoint({ ...own, id: 'c1', revisionId: revision.id, revision: 3, hostKey: 'h' });
    const at = new Date();
    await api.store.upsertInstances([
      { ...own, id: 'n1', revision: 1, state: 'idle', kind: 'cold', startedAt: at, endedAt: null, reason: null },
    ]);
    await api.store.writeEvents([{ ...own, at, type: 'instance.started', data: {} }]);
    const theirs = await api.call('GET', `/v1/${list}`, { key: api.operatorKey });
    expect((theirs.body['items'] as unknown as unknown[]).length).toBeGreaterThan(0);
    const ours = await api.call('GET', `/v1/${list}`);
    expect(ours.body['items']).toHaveLength(list === 'keys' ? 1 : 0);
    expect(ours.text).not.toContain('theirs');
  },
);

/** The least scope that is enough, for each route that changes or shows something. */
test.each([
  ['read', 'GET', '/v1/functions', 200],
  ['read', 'GET', '/v1/status', 200],
  ['read', 'GET', '/v1/secrets', 200],
  ['deploy', 'PUT', '/v1/functions/x', 400],
  ['deploy', 'POST', '/v1/code', 400],
  ['deploy', 'DELETE', '/v1/functions/x', 404],
  ['deploy', 'DELETE', '/v1/secrets/x', 404],
  ['admin', 'GET', '/v1/keys', 200],
  ['admin', 'GET', '/v1/tenants', 200],
] as const)('%s is enough, and needed, for %s %s', async (scope, method, url, status) => {
  for (const held of ['read', 'deploy', 'invoke', 'admin']) {
    const key = await api.makeKey('acme', [held]);
    const answer = await api.call(method, url, { key });
    expect([held, answer.status]).toEqual([held, held === scope || held === 'admin' ? status : 403]);
  }
});

test('operators make tenants and see all; others see their own', async () => {
  const make = (key: string) => api.call('POST', '/v1/tenants', { key, payload: { name: 'newcomer' } });
  expect((await make(api.acmeKey)).body).toMatchObject({ status: 403 });
  expect((await make(api.operatorKey)).status).toBe(201);
  expect((await make(api.operatorKey)).status).toBe(200);
  const key = await api.call('POST', '/v1/keys?tenant=newcomer', {
    key: api.operatorKey,
    payload: { name: 'first', scopes: ['admin'] },
  });
  const own = await api.call('GET', '/v1/tenants', { key: textOf(key.body['key']) });
  expect(own.body).toMatchObject({ items: [{ name: 'newcomer' }] });
  const all = await api.call('GET', '/v1/tenants', { key: api.operatorKey });
  expect(all.body['items']).toHaveLength(3);
});

test('to know the digest of another tenant’s code is not enough to run it', async () => {
  const codeDigest = await api.makeCode('theirs', 'default');
  const deploy = () =>
    api.call('PUT', '/v1/functions/thief', { payload: { manifest: manifestOf('thief'), codeDigest } });
  const [refused, absent] = [await deploy(), `sha256:${'0'.repeat(64)}`];
  const unknown = await api.call('PUT', '/v1/functions/thief', { payload: { manifest: manifestOf('thief'), codeDigest: absent } }); // prettier-ignore
  expect([refused.status, unknown.status]).toEqual([404, 404]);
  expect(refused.body['detail']).toEqual(textOf(unknown.body['detail']).replace(absent, codeDigest));
  const headers = { 'content-type': 'application/x-tar' };
  expect((await api.call('POST', '/v1/code', { payload: 'theirs', headers })).body).toMatchObject({ digest: codeDigest }); // prettier-ignore
  expect((await deploy()).status).toBe(202);
});
