import { packed, sampleInstance, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, manifestOf, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const put = (body: object, options: object = {}) =>
  api.call('PUT', '/v1/functions/hello', { payload: body, ...options });

test('a first deploy makes the revision, starts the workflow and says where to look', async () => {
  const codeDigest = await api.makeCode();
  const answer = await put({ manifest: manifestOf('hello'), codeDigest });
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ function: 'hello', revision: 1, created: true, dryRun: false });
  expect(answer.body).toMatchObject({ deployment: { state: 'running', workflowId: 'deploy/acme/hello/1' } });
  const location = String(answer.headers['location']);
  const deploymentId = location.replace('/v1/deployments/', '');
  expect(api.workflows.deploys).toEqual([
    { tenant: 'acme', function: 'hello', revision: 1, alias: 'live', deploymentId },
  ]);
  expect((await api.call('GET', location)).body).toMatchObject({ id: deploymentId, function: 'hello', revision: 1 });
  expect((await api.call('GET', '/v1/deployments?function=hello&state=running')).body).toMatchObject({
    items: [{ id: deploymentId }],
    next: null,
  });
});

test('the same request again joins the deployment that runs, and starts nothing once it serves', async () => {
  const body = { manifest: manifestOf('hello'), codeDigest: await api.makeCode() };
  const first = await put(body);
  const again = await put(body);
  expect(again.status).toBe(202);
  expect(again.body).toMatchObject({ created: false, deployment: { id: first.body['deployment']?.['id'] } });
  const fn = await api.store.findFunction('acme', 'hello');
  const revision = await api.store.findRevision(fn?.id ?? '', 1);
  await api.store.setRevisionState(revision?.id ?? '', 'ready');
  await api.store.setAlias(fn?.id ?? '', 'live', [{ revision: 1, weight: 100 }]);
  const started = api.workflows.deploys.length;
  const served = await put(body);
  expect(served.status).toBe(200);
  expect(served.body).toMatchObject({ created: false, revision: 1 });
  expect(api.workflows.deploys).toHaveLength(started);
});

test('a failed revision, and a ready one that live has left, are deployed again', async () => {
  const codeDigest = await api.makeCode();
  await put({ manifest: manifestOf('hello'), codeDigest });
  const fn = await api.store.findFunction('acme', 'hello');
  const revision = await api.store.findRevision(fn?.id ?? '', 1);
  const [deployment] = (await api.store.deployments({ tenant: 'acme' })).items;
  await api.store.updateDeployment(deployment?.id ?? '', { state: 'failed', error: 'it threw' });
  await api.store.setRevisionState(revision?.id ?? '', 'failed', 'it threw');
  const again = await put({ manifest: manifestOf('hello'), codeDigest });
  expect(again.status).toBe(202);
  expect(again.body['deployment']?.['id']).not.toBe(deployment?.id);

  await api.store.setRevisionState(revision?.id ?? '', 'ready', null);
  await put({ manifest: manifestOf('hello', { env: { A: '2' } }), codeDigest });
  await api.store.setAlias(fn?.id ?? '', 'live', [{ revision: 2, weight: 100 }]);
  const back = await put({ manifest: manifestOf('hello'), codeDigest });
  expect(back.status).toBe(202);
  expect(back.body).toMatchObject({ revision: 1, created: false });
});

test('another configuration or other code is another revision; a label alone is not', async () => {
  const codeDigest = await api.makeCode();
  expect((await put({ manifest: manifestOf('hello'), codeDigest })).body['revision']).toBe(1);
  expect((await put({ manifest: manifestOf('hello', { concurrency: 2 }), codeDigest })).body['revision']).toBe(2);
  const other = await api.makeCode('other code');
  expect((await put({ manifest: manifestOf('hello'), codeDigest: other })).body['revision']).toBe(3);
  const labelled = { ...manifestOf('hello'), metadata: { name: 'hello', labels: { team: 'other' } } };
  expect((await put({ manifest: labelled, codeDigest })).body['revision']).toBe(1);
  expect((await api.call('GET', '/v1/functions/hello')).body['labels']).toEqual({ team: 'other' });
});

test('a bad manifest is refused with every problem at once, and nothing is written', async () => {
  const manifest = manifestOf('hallo', {
    secrets: [{ name: 'absent', env: 'TOKEN' }],
    warmWindows: [{ cron: '61 * * * *', duration: '1h', instances: 1, timeZone: 'Mars/Base' }],
  });
  const answer = await put({ manifest, codeDigest: await api.makeCode() });
  expect(answer.status).toBe(400);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.body['code']).toBe('invalid_manifest');
  const paths = (answer.body['errors'] as unknown as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual([
    'metadata.name',
    'spec.warmWindows.0.cron',
    'spec.warmWindows.0.timeZone',
    'spec.secrets.0.name',
  ]);
  const syntax = await put({
    manifest: manifestOf('hello', { runtime: 'cobol', concurrency: 0 }),
    codeDigest: await api.makeCode(),
  });
  expect(syntax.body['code']).toBe('invalid_manifest');
  expect(syntax.text).toContain('spec.runtime');
  expect(syntax.text).toContain('spec.concurrency');
  expect((await api.store.functions('acme')).items).toEqual([]);
  expect(api.workflows.deploys).toEqual([]);
});

test('code that was never uploaded is not found; none at all is said so', async () => {
  const missing = await put({ manifest: manifestOf('hello'), codeDigest: `sha256:${'a'.repeat(64)}` });
  expect(missing.status).toBe(404);
  expect(missing.body).toMatchObject({ code: 'not_found', errors: [{ path: 'codeDigest' }] });
  const none = await put({ manifest: manifestOf('hello') });
  expect(none.status).toBe(400);
  expect(none.body).toMatchObject({ code: 'invalid_argument', errors: [{ path: 'codeDigest' }] });
  const bad = await put({ manifest: manifestOf('hello'), codeDigest: 'latest' });
  expect(bad.body).toMatchObject({ code: 'invalid_argument', errors: [{ path: 'codeDigest' }] });
});

test('a dry run checks all and changes nothing', async () => {
  const codeDigest = await api.makeCode();
  const fresh = await put({ manifest: manifestOf('hello'), codeDigest }, { query: { dryRun: 'true' } });
  expect(fresh.status).toBe(200);
  expect(fresh.body).toMatchObject({ dryRun: true, created: true, revision: null, deployment: null });
  expect((await put({ manifest: manifestOf('hello') }, { query: { dryRun: 'true' } })).status).toBe(200);
  expect((await put({ manifest: {} }, { query: { dryRun: 'true' } })).status).toBe(400);
  expect((await api.store.functions('acme')).items).toEqual([]);
  await put({ manifest: manifestOf('hello'), codeDigest });
  const known = await put({ manifest: manifestOf('hello'), codeDigest }, { query: { dryRun: 'true' } });
  expect(known.body).toMatchObject({ dryRun: true, created: false, revision: 1 });
});

test('with Temporal away the deployment is marked failed with the reason, and the request can be repeated', async () => {
  const body = { manifest: manifestOf('hello'), codeDigest: await api.makeCode() };
  api.workflows.away = true;
  const answer = await put(body);
  expect(answer.status).toBe(503);
  expect(answer.body['code']).toBe('unavailable');
  expect(answer.headers['retry-after']).toBe('5');
  const [deployment] = (await api.store.deployments({ tenant: 'acme' })).items;
  expect(deployment).toMatchObject({ state: 'failed', error: 'Temporal is away' });
  expect((await api.call('GET', '/v1/functions/hello/revisions/1')).body).toMatchObject({ state: 'failed' });
  api.workflows.away = false;
  expect((await put(body)).status).toBe(202);
});

test('canary steps and another alias go to the workflow', async () => {
  const canary = { steps: [10, 50], holdSeconds: 5 };
  await put({ manifest: manifestOf('hello'), codeDigest: await api.makeCode(), alias: 'next', canary });
  expect(api.workflows.deploys[0]).toMatchObject({ alias: 'next', canary: { steps: [10, 50], holdSeconds: 5 } });
});

test('an image in the manifest makes the code an OCI layout', async () => {
  const manifest = manifestOf('hello', { runtime: 'http', handler: undefined, image: './image' });
  await put({ manifest, codeDigest: await api.makeCode('oci') });
  expect((await api.call('GET', '/v1/functions/hello')).body).toMatchObject({ latest: { codeKind: 'oci' } });
});

test('functions are listed and described', async () => {
  await api.makeFunction('acme', 'hello', 3);
  await api.makeFunction('acme', 'world');
  const list = await api.call('GET', '/v1/functions?limit=1');
  expect(list.body).toMatchObject({ items: [{ name: 'hello', path: '/fn/acme/hello/' }] });
  const rest = await api.call('GET', `/v1/functions?limit=1&cursor=${textOf(list.body['next'])}`);
  expect(rest.body).toMatchObject({ items: [{ name: 'world' }], next: null });
  const one = await api.call('GET', '/v1/functions/hello');
  expect(one.body).toMatchObject({
    latest: { number: 3 },
    aliases: [{ name: 'live', weights: [{ revision: 3, weight: 100 }] }],
  });
  const revisions = await api.call('GET', '/v1/functions/hello/revisions?limit=2');
  expect((revisions.body['items'] as unknown as { number: number }[]).map(({ number }) => number)).toEqual([3, 2]);
  const last = await api.call('GET', `/v1/functions/hello/revisions?cursor=${textOf(revisions.body['next'])}`);
  expect(last.body).toMatchObject({ items: [{ number: 1, manifest: { kind: 'Function' } }], next: null });
  expect((await api.call('GET', '/v1/functions/hello/revisions/9')).body).toMatchObject({
    status: 404,
    code: 'not_found',
  });
});

test('the list says what each did in the last hour and what is held of it, where it is asked to', async () => {
  const id = await api.makeFunction('acme', 'hello', 2);
  await api.store.setAlias(id, 'live', [
    { revision: 1, weight: 90 },
    { revision: 2, weight: 10 },
  ]);
  await api.call('PUT', '/v1/functions/young', {
    payload: { manifest: manifestOf('young'), codeDigest: await api.makeCode() },
  });
  const call = (change: object) => sampleInvocation({ tenant: 'acme', functionId: id, at: new Date(), ...change });
  await api.store.writeInvocations(
    packed([
      call({ kind: 'cold' }),
      call({ kind: 'hot', status: 500 }),
      call({ at: new Date(Date.now() - 7_200_000) }),
    ]),
  );
  const held = (state: string) => sampleInstance({ tenant: 'acme', function: 'hello', state });
  const gone = sampleInstance({ tenant: 'acme', function: 'hello', state: 'gone', endedAt: new Date() });
  await api.store.upsertInstances([held('idle'), held('leased'), held('frozen'), gone]);

  const { body } = await api.call('GET', '/v1/functions', { query: { activity: 'true' } });
  const [hello, young] = body['items'] as unknown as { name: string; activity: { minutes: number[] } }[];
  expect(hello).toMatchObject({
    name: 'hello',
    activity: {
      state: 'serving',
      live: [{ revision: 1, weight: 90 }, { revision: 2, weight: 10 }], // prettier-ignore
      errors: 1,
      byKind: { hot: 1, warm: 0, restore: 0, cold: 1 },
      instances: { running: 2, frozen: 1 },
      checkpoints: 0,
    },
  });
  expect(hello?.activity.minutes).toHaveLength(60);
  expect(hello?.activity.minutes.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(young).toMatchObject({ name: 'young', activity: { state: 'deploying', live: null } });
  const plain = await api.call('GET', '/v1/functions');
  expect(plain.body['items']?.[0]).not.toHaveProperty('activity');
});

test('deleting takes the routes at once and asks every agent to end the instances', async () => {
  const id = await api.makeFunction('acme', 'hello', 2);
  const revisions = await api.store.revisions(id);
  expect((await api.call('DELETE', '/v1/functions/hello')).status).toBe(204);
  expect((await api.call('GET', '/v1/functions/hello')).body).toMatchObject({
    status: 404,
    code: 'function_not_found',
  });
  expect(api.node.retired.map(({ revisionId }) => revisionId)).toEqual(revisions.map((revision) => revision.id));
  expect(api.node.retired[0]?.reason).toBe('deleted');
  expect((await api.store.events({ tenant: 'acme' })).items).toMatchObject([
    { type: 'function.deleted', function: 'hello' },
  ]);
  await api.makeFunction('acme', 'hello');
  api.node.away = true;
  expect((await api.call('DELETE', '/v1/functions/hello')).status).toBe(204);
});
