import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { Client } from 'pg';
import pino from 'pino';
import { NodeHeartbeat } from '../../../agent/node-heartbeat';
import { parseManifest } from '../../../core/function/manifest';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import { agentAddress, loadConfig, type Config } from '../../../workers/config';
import { NodeWatch } from '../../../workers/control/node-watch';
import { startGateway, type RunningGateway } from '../../../workers/gateway';
import { migrate } from '../../../workers/migrate';
import { sampleBeat } from '../../drivers/store/node-contract';
import { eventually, freePort } from '../support/eventually';
import { startOneInstanceAgent } from '../support/one-instance-agent';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(120_000);

const log = pino({ level: 'silent' });
let folder: string;
let postgres: TemporaryPostgres;
let store: Store;
let config: Config;
let apiKey: string;
let gateway: RunningGateway;
let instance: HttpServer;
const agents: Server[] = [];
const beats = new Map<string, NodeHeartbeat>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nodes-'));
  postgres = await startTemporaryPostgres();
  config = loadConfig(
    {},
    {
      dataDir: path.join(folder, 'data'),
      runDir: folder,
      nodes: [{ name: 'near', region: 'eu' }],
      gateway: { port: await freePort() },
      postgres: { url: await postgres.createDatabase() },
      temporal: { port: await freePort() },
    },
  );
  await migrate(config, 'http://127.0.0.1');
  ({ apiKey } = JSON.parse(await readFile(path.join(config.dataDir, 'client.json'), 'utf8')) as { apiKey: string });
  store = openPostgresStore(config.postgres.url ?? '');
  instance = createHttpServer((_, response) => response.end('here'));
  await new Promise<void>((resolve) => instance.listen(path.join(folder, 'i.sock'), resolve));
  for (const name of ['near', 'far']) {
    const socket = path.join(folder, 'i.sock');
    const given = { id: `${name}-1`, lingerMs: 50 };
    agents.push(await startOneInstanceAgent(agentAddress(config, { name }), socket, [], given));
  }
  gateway = await startGateway(config, log);
  await deploy();
});

afterAll(async () => {
  await gateway.stop();
  for (const heartbeat of beats.values()) await heartbeat.stop();
  for (const agent of agents) agent.forceShutdown();
  instance.close();
  await store.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** An agent begins to be heard. */
function beat(name: string): void {
  const facts = { name, region: name === 'near' ? 'eu' : 'us', address: agentAddress(config, { name }) };
  beats.set(
    name,
    new NodeHeartbeat({
      beat: sampleBeat({ ...facts, incarnation: randomUUID() }),
      store,
      follow: () => undefined,
      event: (event) => void store.writeEvents([event]),
      log,
      everyMs: 50,
    }),
  );
}

async function deploy(): Promise<void> {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'shop' },
    spec: { runtime: 'nodejs', handler: 'index.handler', public: true },
  });
  const made = { tenant: 'default', manifest, digest: 'd', codeDigest: 'c', codeKind: 'layer' } as const;
  const { function: fn, revision } = await store.createRevision(made);
  await store.setRevisionState(revision.id, 'ready');
  await store.setAlias(fn.id, 'live', [{ revision: 1, weight: 100 }]);
}

async function nodeOfAnswer(): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/fn/default/shop/`);
  return answer.status === 200 ? (answer.headers.get('x-presage-node') ?? undefined) : undefined;
}
async function api(method: string, url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`http://127.0.0.1:${gateway.port}${url}`, { method, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
const state = async (name: string) => (await api('GET', `/v1/nodes/${name}`)).body['state'];
const names = async () => ((await api('GET', '/v1/nodes')).body['items'] as { name: string }[]).map(({ name }) => name);
const events = async () => (await store.events({ tenant: null })).items.map(({ type, node }) => `${type} ${node}`);
const becomes = <T>(look: () => Promise<T>, wanted: T, what: string) =>
  eventually(async () => ((await look()) === wanted ? true : undefined), what);

test('a node of the configuration serves before it is heard; another joins while all runs', async () => {
  await becomes(nodeOfAnswer, 'near', 'an answer');
  expect(await names()).toEqual(['near']);
  beat('near');
  beat('far');
  await becomes(async () => (await names()).join(), 'far,near', 'both nodes');
  await becomes(async () => (await events()).filter((line) => line.startsWith('node.joined')).length, 2, 'the events');
});

test('new instances come from where no cordon is', async () => {
  expect((await api('POST', '/v1/nodes/near/cordon')).status).toBe(200);
  // What it has leased is used as long as there are requests; then the other one is asked.
  await becomes(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return nodeOfAnswer();
    },
    'far',
    'an answer of the other',
  );
  expect(await state('near')).toBe('cordoned');
  expect((await api('POST', '/v1/nodes/near/uncordon')).body['state']).toBe('ready');
});

test('one that falls silent is lost, and can be taken out for good', async () => {
  const moved: string[] = [];
  const watch = new NodeWatch({ store, log, lost: async (node) => void moved.push(node), everyMs: 50, graceMs: 0 });
  watch.start();
  await beats.get('near')?.stop();
  expect((await api('DELETE', '/v1/nodes/near')).status).toBe(412);
  const client = new Client({ connectionString: config.postgres.url });
  await client.connect();
  await client.query(`update nodes set last_seen_at = now() - interval '11 seconds' where name = 'near'`);
  await client.end();
  await becomes(async () => moved.join(), 'near', 'its loss');
  await watch.stop();
  expect(await state('near')).toBe('lost');
  expect(await events()).toContain('node.lost near');
  expect((await api('POST', '/v1/nodes/near/drain')).status).toBe(412);
  expect((await api('DELETE', '/v1/nodes/near')).status).toBe(204);
  // Also the gateway forgets it, although its configuration names it.
  await becomes(async () => (await names()).join(), 'far', 'its end');
  expect(await nodeOfAnswer()).toBe('far');
});

test('with a new agent it is back', async () => {
  beat('near');
  await becomes(() => state('near'), 'ready', 'its return');
  await becomes(async () => (await events()).includes('node.returned near'), true, 'the event');
});
