import { packed, sampleInvocation, sampleLog } from '../../drivers/store/sample-records';
import { makeHarness, manifestOf, type Harness } from './api-harness';
import { parseManifest } from '../../../core/function/manifest';

let api: Harness;
let functionId: string;
beforeEach(async () => {
  api = await makeHarness();
  functionId = await api.makeFunction('acme', 'hello');
});
afterEach(() => api.close());

test('invocations are listed newest first, filtered, and shown with their logs', async () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  await api.store.writeInvocations(
    packed([
      sampleInvocation({ id: 'a', tenant: 'acme', at: at(1) }),
      sampleInvocation({
        id: 'b',
        tenant: 'acme',
        at: at(2),
        kind: 'cold',
        cause: 'first',
        status: 502,
        errorCode: 'handler_failed',
      }),
      sampleInvocation({ id: 'c', tenant: 'acme', at: at(3), function: 'other', kind: null }),
    ]),
  );
  await api.store.writeLogs(['one', 'two'].map((text) => sampleLog({ tenant: 'acme', invocationId: 'a', text })));
  const ids = async (query: string) => {
    const { body } = await api.call('GET', `/v1/invocations?${query}`);
    return (body['items'] as unknown as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids('')).toEqual(['c', 'b', 'a']);
  expect(await ids('function=hello')).toEqual(['b', 'a']);
  expect(await ids('kind=cold')).toEqual(['b']);
  expect(await ids('status=ok')).toEqual(['c', 'a']);
  const one = await api.call('GET', '/v1/invocations/b');
  expect(one.body).toMatchObject({ id: 'b', kind: 'cold', cause: 'first', status: 502, phases: { admit: 0.125 } });
  expect((await api.call('GET', '/v1/invocations/zz')).body).toMatchObject({ status: 404 });
  const logs = await api.call('GET', '/v1/invocations/a/logs');
  expect(logs.body).toMatchObject({ items: [{ text: 'one', invocation: 'a' }, { text: 'two' }], next: null });
});

test('counts per minute, of the last hour or of a given time', async () => {
  await api.store.writeInvocations(packed([sampleInvocation({ tenant: 'acme', functionId, at: new Date() })]));
  const recent = await api.call('GET', '/v1/functions/hello/counts');
  expect(recent.body).toMatchObject({ items: [{ total: 1, byKind: { hot: 1 } }] });
  const old = await api.call(
    'GET',
    '/v1/functions/hello/counts?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00%2B01:00',
  );
  expect(old.status).toBe(400);
  const none = await api.call('GET', '/v1/functions/hello/counts?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z');
  expect(none.body['items']).toEqual([]);
  const long = await api.call('GET', '/v1/functions/hello/counts?from=2026-01-01T00:00:00Z&to=2026-01-09T00:00:00Z');
  expect(long.body).toMatchObject({ status: 400, errors: [{ path: 'from' }] });
  expect((await api.call('GET', '/v1/functions/hello/counts?from=yesterday')).status).toBe(400);
});

test('instances by function, node and life', async () => {
  const started = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
  const base = { tenant: 'acme', function: 'hello', revision: 1, node: 'local', kind: 'cold' as const };
  await api.store.upsertInstances([
    { ...base, id: 'x', state: 'idle', startedAt: started(1), endedAt: null, reason: null },
    { ...base, id: 'y', state: 'gone', startedAt: started(2), endedAt: started(3), reason: 'expired' },
  ]);
  const ids = async (query: string) =>
    ((await api.call('GET', `/v1/instances?${query}`)).body['items'] as unknown as { id: string }[]).map(
      ({ id }) => id,
    );
  expect(await ids('')).toEqual(['y', 'x']);
  expect(await ids('live=true')).toEqual(['x']);
  expect(await ids('live=false&function=hello&node=local')).toEqual(['y']);
  expect(await ids('node=other')).toEqual([]);
});

test('checkpoints are listed, and asked for', async () => {
  const [revision] = await api.store.revisions(functionId);
  const base = {
    tenant: 'acme',
    function: 'hello',
    revisionId: revision?.id ?? '',
    revision: 1,
    node: 'local',
    hostKey: 'h',
  };
  await api.store.createCheckpoint({ ...base, id: 'c1' });
  await api.store.updateCheckpoint('c1', { state: 'ready', sealedBytes: 10 });
  const listed = (await api.call('GET', '/v1/checkpoints?state=ready')).body;
  expect(listed).toMatchObject({ items: [{ id: 'c1', sealedBytes: 10, createdAt: expect.any(String) as string }] });
  // what a node is like inside is not for tenants
  expect(JSON.stringify(listed)).not.toMatch(/hostKey|revisionId|tenant/);
  expect((await api.call('GET', '/v1/checkpoints?state=making')).body['items']).toEqual([]);
  const make = (payload?: object) => api.call('POST', '/v1/functions/hello/checkpoints', payload ? { payload } : {});
  expect((await make()).body).toEqual({ function: 'hello', revision: 1, workflowId: 'checkpoint/acme/hello/1' });
  expect((await make({ node: 'local', revision: 1 })).status).toBe(202);
  expect(api.workflows.checkpoints[1]).toMatchObject({ tenant: 'acme', function: 'hello', revision: 1, node: 'local' });
  expect((await make({ node: 'mars' })).body).toMatchObject({ status: 400, errors: [{ path: 'node' }] });
  expect((await make({ revision: 5 })).status).toBe(404);
  api.workflows.away = true;
  expect((await make()).status).toBe(503);
  await api.store.setRevisionState(revision?.id ?? '', 'failed', 'x');
  expect((await make()).status).toBe(409);
  expect((await make({ revision: 1 })).body['detail']).toContain('failed');
});

test('a function that wants no checkpoints gets none', async () => {
  const manifest = parseManifest(manifestOf('never', { checkpoint: { when: 'never' } }));
  const made = await api.store.createRevision({
    tenant: 'acme',
    manifest,
    digest: 'd',
    codeDigest: 'c',
    codeKind: 'layer',
  });
  await api.store.setRevisionState(made.revision.id, 'ready');
  expect((await api.call('POST', '/v1/functions/never/checkpoints')).body).toMatchObject({ status: 409 });
});

test('logs and events by page, in the order asked for', async () => {
  const lines = ['1', '2', '3'].map((text, index) =>
    sampleLog({ tenant: 'acme', text, at: new Date(Date.UTC(2026, 0, 1, index)) }),
  );
  await api.store.writeLogs(lines);
  const texts = async (query: string) =>
    ((await api.call('GET', `/v1/functions/hello/logs?${query}`)).body['items'] as unknown as { text: string }[]).map(
      ({ text }) => text,
    );
  expect(await texts('')).toEqual(['1', '2', '3']);
  expect(await texts('order=newest&limit=2')).toEqual(['3', '2']);
  expect(await texts('since=2026-01-01T01:00:00Z')).toEqual(['2', '3']);
  const at = new Date();
  const event = (type: string, tenant: string | null) => ({
    at,
    tenant,
    type,
    function: null,
    node: null,
    data: { n: 1 },
  });
  await api.store.writeEvents([event('a.b', 'acme'), event('node.joined', null), event('c.d', 'acme')]);
  const types = async (query: string, key = api.acmeKey) =>
    ((await api.call('GET', `/v1/events?${query}`, { key })).body['items'] as unknown as { type: string }[]).map(
      ({ type }) => type,
    );
  expect(await types('')).toEqual(['c.d', 'a.b']);
  expect(await types('order=oldest&types=c.d,%20a.b')).toEqual(['a.b', 'c.d']);
  expect(await types('types=c.d')).toEqual(['c.d']);
  expect(await types('all=true')).toEqual(['c.d', 'a.b']);
  expect(await types('all=true', api.operatorKey)).toEqual(['c.d', 'node.joined', 'a.b']);
});
