import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { packed } from '../drivers/store/sample-records';
import { presage } from './fake-platform';

/** The command line against the real control API, so that neither drifts from what the other says. */
let api: Harness;
let folder: string;
beforeAll(async () => {
  api = await makeHarness();
  folder = await mkdtemp(path.join(tmpdir(), 'presage-cli-api-'));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (...argv: string[]) =>
  presage(argv, {
    cwd: folder,
    env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey },
    stdin: 'a value\n',
  });
/** Runs what must go well, and gives its JSON. */
const json = async (...argv: string[]): Promise<unknown> => {
  const { status, stdout, stderr } = await run(...argv, '-o', 'json');
  expect({ status, argv, ...(status === 0 ? {} : { stderr }) }).toEqual({ status: 0, argv });
  return stdout === '' ? undefined : JSON.parse(stdout);
};

test('a scaffolded function is deployed, shown, switched and deleted', async () => {
  await json('init', 'hello');
  expect(await json('deploy', 'hello', '--dry-run')).toMatchObject({ function: 'hello', dryRun: true, revision: null });
  const answer = (await json('deploy', 'hello', '--no-wait')) as { deployment: { id: string; state: string } };
  expect(answer).toMatchObject({ function: 'hello', revision: 1, created: true, deployment: { state: 'running' } });

  // What the workflow would do.
  const fn = await api.store.findFunction('default', 'hello');
  const revision = await api.store.findRevision(fn?.id ?? '', 1);
  await api.store.setRevisionState(revision?.id ?? '', 'ready');
  await api.store.setAlias(fn?.id ?? '', 'live', [{ revision: 1, weight: 100 }]);
  await api.store.updateDeployment(answer.deployment.id, { state: 'succeeded', step: 'done' });

  const again = await run('deploy', 'hello');
  expect(again.stderr).toContain('nothing has changed: revision 1 serves live already');
  expect(again).toMatchObject({ status: 0, stdout: `${api.origin}/fn/default/hello/\n` });
  expect(await json('list')).toMatchObject([{ name: 'hello', path: '/fn/default/hello/' }]);
  expect(await json('describe', 'hello')).toMatchObject({
    name: 'hello',
    latest: { number: 1, state: 'ready' },
    instances: [],
  });
  expect((await run('describe', 'hello')).stdout).toMatch(/Alias live +revision 1/);
  expect(await json('alias', 'set', 'hello', 'canary', '1')).toMatchObject({ weights: [{ revision: 1, weight: 100 }] });
  expect(await json('alias', 'list', 'hello')).toMatchObject([{ name: 'canary' }, { name: 'live' }]);
  expect(await json('checkpoint', 'hello')).toMatchObject({ revision: 1 });
  expect((await run('alias', 'delete', 'hello', 'canary')).status).toBe(0);
  expect((await run('delete', 'hello', '--yes')).status).toBe(0);
  expect(await json('list')).toEqual([]);
});

test('the problems of a manifest come from the one place that knows them', async () => {
  await json('init', 'bad/x');
  const file = path.join(folder, 'bad/x/function.yaml');
  const text = (await readFile(file, 'utf8'))
    .replace('128Mi', '128 megs')
    .replace('handler: index.handler', 'handler: ""');
  await writeFile(file, text);
  const { status, stderr } = await run('deploy', 'bad/x');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Error \(invalid_manifest\): function\.yaml has \d problem\(s\)\n/);
  expect(stderr).toMatch(/ {2}spec\.handler: must be FILE\.EXPORT/);
  expect(stderr).toMatch(/ {2}spec\.resources\.memory: "128 megs" is not a memory quantity/);
});

test('records, logs and the rest are read as the API writes them', async () => {
  const id = await api.makeFunction('default', 'shop', 2);
  const at = new Date();
  const place = { tenant: 'default', function: 'shop', revision: 2, node: 'local', instanceId: 'i-1' };
  const record = {
    id: 'inv-1',
    at,
    functionId: id,
    ...place,
    method: 'GET',
    path: '/',
    status: 200,
    errorCode: null,
    kind: 'cold',
    cause: 'first',
  } as const;
  const times = { queueMs: 1, startMs: 80, executeMs: 4, totalMs: 85, firstByteMs: 84, phases: { admit: 1, wait: 80 } };
  const rest = { cpuMicros: 900, memoryByteMs: 1e9, bytesIn: 0, bytesOut: 12, traceId: null, attempt: null };
  const from = { userRegion: 'eu', callerId: null, caller: null, pricing: null };
  await api.store.writeInvocations(packed([{ ...record, ...times, ...rest, ...from }]));
  await api.store.writeLogs([{ at, ...place, invocationId: 'inv-1', stream: 'stderr', text: 'a line' }]);

  expect(await json('invocations', 'list', '--kind', 'cold')).toMatchObject([{ id: 'inv-1', totalMs: 85 }]);
  expect((await run('invocations', 'explain', 'inv-1')).stdout).toMatch(/in all +85\.0 ms/);
  expect((await run('invocations', 'explain', 'inv-1')).stdout).toMatch(/From +a user in eu/);
  expect(await json('traffic', 'shop')).toMatchObject({
    users: [{ function: 'shop', region: 'eu', calls: 1 }],
    calls: [],
  });
  expect((await run('traffic')).stdout).toMatch(/USERS IN +CALL .*\neu +shop +1 +0 +0 B +12 B/);
  expect(await json('logs', 'shop')).toMatchObject([{ text: 'a line', invocation: 'inv-1' }]);
  expect(await json('logs', 'shop', '--since', '5m')).toMatchObject([{ text: 'a line' }]);
  expect(await json('logs', 'shop', '--invocation', 'inv-1')).toHaveLength(1);
  expect(await json('rollback', 'shop')).toMatchObject({ name: 'live', weights: [{ revision: 1, weight: 100 }] });
  expect(await json('instances')).toEqual([]);
  expect(await json('checkpoints', 'shop')).toEqual([]);
  expect(await json('status')).toMatchObject({ status: 'ready', tenant: 'default' });
  expect((await run('status')).stdout).toMatch(/Functions +1/);
  expect(await json('version')).toMatchObject({ platform: { name: 'presage' } });
  expect((await run('describe', 'shp')).stderr).toContain('Did you mean: presage describe shop');
});

test('--follow shows lines as they are written, and ends when it is stopped', async () => {
  const stop = new AbortController();
  const line = {
    at: new Date(),
    tenant: 'default',
    function: 'shop',
    revision: 2,
    node: 'local',
    instanceId: 'i-1',
    invocationId: null,
  };
  let written = false;
  const { status, stdout } = await presage(['logs', 'shop', '--follow', '--tail', '1', '-o', 'json'], {
    env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey },
    stopped: stop.signal,
    onOutput: (text) => {
      if (!written) void api.store.writeLogs([{ ...line, stream: 'stdout', text: 'new' }]);
      written = true;
      if (text.includes('"new"')) stop.abort();
    },
  });
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n').map((text) => (JSON.parse(text) as { text: string }).text)).toEqual(['a line', 'new']); // prettier-ignore
});

test('secrets and keys', async () => {
  expect((await run('secret', 'set', 'token')).status).toBe(0);
  expect(await json('secret', 'list')).toMatchObject([{ name: 'token' }]);
  expect((await run('secret', 'delete', 'token')).status).toBe(0);
  const made = (await json('key', 'create', 'ci', '--scope', 'read')) as { id: string; key: string };
  const reader = await presage(['list'], { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: made.key } });
  expect(reader.status).toBe(0);
  const turned = (await json('keys', 'rotate', made.id, '--overlap', '1h', '--expires', '90d')) as {
    key: string;
    expiresAt: string;
  };
  expect(turned.key).not.toBe(made.key);
  expect(Date.parse(turned.expiresAt)).toBeGreaterThan(Date.now() + 89 * 86_400_000);
  expect((await run('keys', 'list')).stdout).toMatch(/LAST USE +EXPIRES/);
  expect((await run('key', 'revoke', made.id)).status).toBe(0);
  expect(await json('secrets', 'rewrap', '--new-data-keys')).toMatchObject({ failures: [] });
  const entries = (await json('audit', '--resource', '/v1/keys', '--since', '1h')) as { action: string }[];
  expect(entries.map(({ action }) => action)).toEqual(['revokeKey', 'rotateKey', 'createKey']);
  expect((await run('audit', '--outcome', 'allowed')).stdout).toMatch(/putSecret +\/v1\/secrets\/\S+ +allowed 204/);
  expect(await json('key', 'list')).toMatchObject([{}, { name: 'ci', revokedAt: expect.any(String) as string }]);
});

test('limits of tenants and keys', async () => {
  const set = await run('limits', 'set', 'acme', '--rate', '100/10s', '--key-rate', '5', '--max-in-flight', '7', '--weight', '2'); // prettier-ignore
  expect(set).toMatchObject({ status: 0 });
  expect(await json('limits', 'show', 'acme')).toMatchObject({
    rate: { requests: 100, window: '10s' },
    keyRate: { requests: 5, window: '1s' },
    maxInFlight: 7,
    weight: 2,
  });
  expect((await run('limits', 'show', 'acme')).stdout).toMatch(/Rate +100 in 10s\n/);
  const wrong = await run('limits', 'set', 'acme', '--rate', 'often');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('REQUESTS/WINDOW');
  expect((await run('limits', 'set', 'acme', '--rate', '1/1ms')).stderr).toContain('whole seconds');
  expect((await run('limits', 'clear', 'acme')).status).toBe(0);
  const { id } = (await json('key', 'create', 'slow')) as { id: string };
  expect((await run('limits', 'key', id, '--rate', '1/1m')).status).toBe(0);
  expect(await api.store.limits()).toMatchObject([{ keyId: id, limits: { rate: { requests: 1, window: '1m' } } }]);
  expect(await json('limits', 'key', id)).toMatchObject({ rate: { requests: 1, window: '1m' } });
  expect((await run('limits', 'key', id, '--clear')).status).toBe(0);
  expect(await api.store.limits()).toEqual([]);
});
