import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from 'node:tls';
import { jsonOf } from '../../bench/harness/http-probe';
import { SteadyLoad } from '../../bench/migrate/steady-load';
import { MixedRequests } from '../../bench/mixed/mixed-requests';
import { rawClient } from '../gateway/raw-client';
import { FarNode } from './support/far-node';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

const NAME = 'mover';
const STREAM_MS = 3_000;

let platform: TestPlatform;
let far: FarNode;
let requests: MixedRequests;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: 'process', PRESAGE__AGENT__LINGER: '100ms' });
  far = await FarNode.of(platform, 'far-1', { apart: true });
  requests = new MixedRequests(platform, () => performance.now());
  const token = (await platform.cli('node', 'join-token', 'far-1', '--region', 'us')).stdout.trim();
  expect(await far.join(token)).toMatchObject({ code: 0 });
  far.start();
  await reachable(true);
  await platform.cli('node', 'cordon', 'local');
  const source = readFileSync('bench/mixed/function/index.js', 'utf8');
  const spec = { concurrency: 4, scale: { max: 20, keepAlive: '1s' }, checkpoint: { when: 'never' as const } };
  await platform.deploy(NAME, spec, { 'index.js': source });
  await platform.cli('node', 'uncordon', 'local');
});
afterAll(async () => {
  requests.close();
  await far.remove();
  await platform.stop();
});

interface Status {
  readonly nodes: readonly { readonly name: string; readonly reachable: boolean }[];
}
const reachable = (wanted: boolean): Promise<boolean> =>
  until(`the gateway ${wanted ? 'speaks with it' : 'does not hear it'}`, async () => {
    const { nodes } = jsonOf<Status>(await platform.probe.send('/v1/status'));
    return nodes.some((node) => node.name === 'far-1' && node.reachable === wanted);
  });
/** Who answers, and what of its sockets this machine sees. */
const servedBy = async (): Promise<string | undefined> =>
  (await platform.invoke(NAME, '/plain')).headers['x-presage-node'] as string | undefined;

test('an instance whose sockets the gateway cannot open is reached by the relay: calls, streams, uploads, WebSockets', async () => {
  expect(await servedBy()).toBe('far-1');
  // Nothing of the run folder is here: every way but the relay is closed.
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(far.run);
  const all = await Promise.all([
    ...[1, 2, 3, 4, 5].map(() => requests.plain(NAME, 5)),
    requests.stream(NAME, 1_000),
    requests.upload(NAME),
    requests.socket(NAME, 500),
  ]);
  expect(all.map(({ kind, failure }) => [kind, failure])).toEqual(all.map(({ kind }) => [kind, null]));
  // A stream comes as it is made, not when it is whole.
  const stream = await requests.stream(NAME, STREAM_MS);
  expect(stream.ended - stream.begun).toBeGreaterThan(STREAM_MS / 2);
  expect(stream.firstByteMs).toBeLessThan((stream.ended - stream.begun) / 2);
});

test('who shows no certificate of the platform is refused at the relay', async () => {
  const [host, port] = far.relay.split(':');
  const authority = path.join(platform.dataDir, 'secrets', 'authority');
  const read = (...names: string[]): Buffer => readFileSync(path.join(...names));
  const knock = (identity: { cert?: Buffer; key?: Buffer }): Promise<string> =>
    new Promise((resolve) => {
      const ca = read(authority, 'ca.crt');
      const socket = connect({ host, port: Number(port), ca, servername: 'far-1.node.presage', ...identity });
      let heard = '';
      socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
      socket.once('error', (error) => resolve(error.message));
      socket.once('close', () => resolve(heard));
      socket.write('CONNECT whatever:80 HTTP/1.1\r\nhost: whatever\r\npresage-gateway: somebody\r\n\r\n');
    });
  expect(await knock({})).toMatch(/certificate required|ECONNRESET/);
  const secrets = path.join(far.folder, 'secrets');
  expect(await knock({ cert: read(secrets, 'agent.crt'), key: read(secrets, 'agent.key') })).toMatch(
    /^HTTP\/1\.1 403 /,
  );
  const own = { cert: read(authority, 'platform.crt'), key: read(authority, 'platform.key') };
  expect(await knock(own)).toMatch(/^HTTP\/1\.1 404 /);
});

test('moves between this machine and the other one under load: nothing fails', async () => {
  const load = new SteadyLoad(platform, NAME, 40);
  for (const to of ['local', 'far-1', 'local', 'far-1']) {
    const { code, stdout } = await platform.cli('migrate', NAME, '--to', to, '--wait');
    expect([code, stdout]).toEqual([0, expect.stringContaining('completed')]);
    await until(`${to} answers`, async () => (await servedBy()) === to);
  }
  await load.end();
  expect(load.failures).toEqual([]);
  const { lost, unanswered, twice } = await load.ledger.judge(platform.probe, 30_000);
  expect({ lost, unanswered, twice }).toEqual({ lost: [], unanswered: [], twice: [] });
  load.close();
});

test('its agent killed: what was in flight fails, what comes later is served elsewhere, and it comes back', async () => {
  expect(await servedBy()).toBe('far-1');
  const client = await rawClient(Number(new URL(platform.url).port));
  const head = ['host: localhost', `authorization: Bearer ${platform.apiKey}`, '\r\n'].join('\r\n');
  client.send(`GET /fn/default/${NAME}/stream?ms=60000 HTTP/1.1\r\n${head}`);
  await client.hears('data: 2');
  await far.end('SIGKILL');
  expect(await client.ended()).not.toContain('data: end');
  await reachable(false);
  const later = await Promise.all([1, 2, 3].map(() => requests.plain(NAME, 5)));
  expect(later.map(({ failure }) => failure)).toEqual([null, null, null]);
  expect(await servedBy()).toBe('local');
  far.start();
  await reachable(true);
  // Away for long it was lost, and the function was moved; for a moment it was not.
  if ((await servedBy()) !== 'far-1') {
    const { code, stderr } = await platform.cli('migrate', NAME, '--to', 'far-1', '--wait');
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  }
  await until('it serves again', async () => (await servedBy()) === 'far-1');
});
