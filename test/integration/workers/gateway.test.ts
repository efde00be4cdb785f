import { mkdtemp, readFile, rm } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@grpc/grpc-js';
import pino from 'pino';
import { costsOf } from '../../../core/cost/costs-of';
import { PriceBook } from '../../../core/cost/price-book';
import { parseManifest } from '../../../core/function/manifest';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import { agentAddress, loadConfig, type Config } from '../../../workers/config';
import { startGateway, type RunningGateway } from '../../../workers/gateway';
import { migrate } from '../../../workers/migrate';
import { eventually, freePort } from '../support/eventually';
import { startOneInstanceAgent, type GatewayMessage } from '../support/one-instance-agent';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(120_000);

let folder: string;
let postgres: TemporaryPostgres;
let store: Store;
let config: Config;
let apiKey: string;
let gateway: RunningGateway;
let agent: Server;
let instance: HttpServer;
const told: GatewayMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  postgres = await startTemporaryPostgres();
  config = loadConfig(
    {},
    {
      dataDir: path.join(folder, 'data'),
      runDir: folder,
      gateway: { port: await freePort() },
      postgres: { url: await postgres.createDatabase() },
      // Nobody listens there: Temporal is away.
      temporal: { port: await freePort() },
    },
  );
  await migrate(config, 'http://127.0.0.1');
  const client = JSON.parse(await readFile(path.join(config.dataDir, 'client.json'), 'utf8')) as { apiKey: string };
  apiKey = client.apiKey;
  store = openPostgresStore(config.postgres.url ?? '');
  instance = createHttpServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => instance.listen(path.join(folder, 'i.sock'), resolve));
  agent = await startOneInstanceAgent(agentAddress(config, { name: 'local' }), path.join(folder, 'i.sock'), told);
  gateway = await startGateway(config, pino({ level: 'silent' }));
});

afterAll(async () => {
  await gateway.stop();
  agent.forceShutdown();
  instance.close();
  await store.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a function that is deployed meanwhile is answered, with its record in the store', async () => {
  answer = (_, response) => response.end('hello');
  expect((await invoke()).status).toBe(404);
  await deploy();
  const response = await eventually(async () => {
    const tried = await invoke();
    return tried.status === 200 ? tried : undefined;
  }, 'the route');
  expect(await response.text()).toBe('hello');
  expect(response.headers.get('x-presage-start')).toBe('cold');
  const id = response.headers.get('x-request-id') ?? '';
  const record = await eventually(async () => (await store.findInvocation('default', id)) ?? undefined, 'the record');
  expect(record).toMatchObject({
    status: 200,
    kind: 'cold',
    cause: 'first',
    node: 'local',
    instanceId: 'i1',
    bytesOut: 5,
  });
  const explained = await fetch(`http://127.0.0.1:${gateway.port}/v1/invocations/${id}`, { headers: withKey() });
  expect(await explained.json()).toMatchObject({ id, status: 200 });
});

test('a crash of the database costs no request and no record', async () => {
  answer = (_, response) => response.end('still here');
  await invoke();
  await postgres.kill();
  const during = [await invoke(), await invoke(), await invoke()];
  expect(during.map(({ status }) => status)).toEqual([200, 200, 200]);
  await postgres.start();
  for (const response of during) {
    const id = response.headers.get('x-request-id') ?? '';
    const found = async () => (await store.findInvocation('default', id).catch(() => null)) ?? undefined;
    expect(await eventually(found, 'the record')).toMatchObject({ status: 200 });
  }
});

test('says that it is ready and what is missing, and serves metrics', async () => {
  const ready = await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/readyz?verbose`);
    return response.status === 200 ? response : undefined;
  }, 'readiness');
  expect(await ready.text()).toContain('temporal');
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  expect(metrics).toMatch(/presage_invocations_total\{tenant="default",function="shop",start="hot",code="2xx"\} [1-9]/);
});

test('a limit that is set through the API holds a moment later, and is gone as soon when it is taken back', async () => {
  answer = (_, response) => response.end('ok');
  const limits = `http://127.0.0.1:${gateway.port}/v1/tenants/default/limits`;
  const body = JSON.stringify({ rate: { requests: 3, window: '1h' } });
  const headers = { ...withKey(), 'content-type': 'application/json' };
  expect((await fetch(limits, { method: 'PUT', headers, body })).status).toBe(200);
  const refused = await eventually(async () => {
    const response = await invoke();
    return response.status === 429 ? response : undefined;
  }, 'a refusal');
  expect(refused.headers.get('ratelimit-policy')).toBe('"tenant";q=3;w=3600');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
  expect((await fetch(limits, { method: 'DELETE', headers: withKey() })).status).toBe(204);
  await eventually(async () => ((await invoke()).status === 200 ? true : undefined), 'an answer');
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  expect(metrics).toMatch(/presage_admission_limited_total\{policy="tenant"\} [1-9]/);
  expect(metrics).toContain('presage_admission_queued 0');
  expect(metrics).toContain('presage_admission_shed_total{reason="overload"} 0');
});

test('a WebSocket goes through to the instance and back', async () => {
  instance.once('upgrade', (_, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('end', () => socket.end());
    socket.on('data', (piece) => socket.write(piece));
  });
  const caller = connect(gateway.port, '127.0.0.1');
  let heard = '';
  caller.on('data', (piece) => (heard += piece.toString()));
  caller.write(
    `GET /fn/default/shop HTTP/1.1\r\nHost: a\r\nx-api-key: ${apiKey}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  await eventually(async () => heard.includes('101 Switching') || undefined, 'the switch');
  caller.write('and back');
  await eventually(async () => heard.endsWith('and back') || undefined, 'the echo');
  caller.end();
  const id = /x-request-id: (\S+)/.exec(heard)?.[1] ?? '';
  const record = await eventually(async () => (await store.findInvocation('default', id)) ?? undefined, 'the record');
  expect(record).toMatchObject({ status: 101, bytesIn: 8, bytesOut: 8, errorCode: null });
});

test('what its calls cost is what the ledger gets, and the check agrees', async () => {
  answer = (_, response) => response.end('ok');
  const id = (await invoke()).headers.get('x-request-id') ?? '';
  const record = await eventually(async () => (await store.findInvocation('default', id)) ?? undefined, 'the record');
  expect(record.pricing).toMatch(/^[0-9a-f]{12} central - local$/);
  const calls = (await store.invocations({ tenant: 'default', limit: 1_000 })).items;
  const table = await store.priceTable(record.pricing?.slice(0, 12) ?? '');
  if (!table) throw new Error('the table is in the store');
  const book = new PriceBook([table]);
  const cost = calls.flatMap((call) => costsOf(call, book)?.cost ?? []).reduce((sum, amount) => sum + amount, 0n);
  const span = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 60_000) };
  await store.postLedger(span.to);
  const lines = (await store.ledger({ tenant: 'default', ...span, by: 'hour', limit: 1_000 })).items;
  expect(lines.reduce((sum, { amount }) => sum + amount, 0n)).toBe(cost);
  expect((await store.spend([{ tenant: 'default', functionIds: null, ...span }]))[0]?.spent).toBe(cost);
  const compared = await store.compareLedger({ tenant: null, ...span });
  expect(compared).toMatchObject({ calls: calls.length, differences: 0, unpriced: 0 });
  const shown = await fetch(`http://127.0.0.1:${gateway.port}/v1/invocations/${id}/cost`, { headers: withKey() });
  expect(await shown.json()).toMatchObject({ charged: true, table: 'aws-lambda', tier: 'central' });
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  expect(metrics).toMatch(/presage_cost_dollars_total\{tenant="default",component="request"\} \S*[1-9]/);
});

test('a port that is taken is named', async () => {
  await expect(startGateway(config, pino({ level: 'silent' }))).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(String(config.gateway.port)) as string,
  });
});

test('stopping finishes what is in flight, gives the instance back and writes the record', async () => {
  let finish: (() => void) | undefined;
  answer = (_, response) => (finish = () => void response.end('finished'));
  const pending = invoke();
  await eventually(() => Promise.resolve(finish), 'the request');
  const stopped = gateway.stop();
  const refused = async () =>
    fetch(`http://127.0.0.1:${config.gateway.port}/livez`).then(
      () => undefined,
      () => true,
    );
  await eventually(refused, 'the closed door');
  finish?.();
  const response = await pending;
  expect(await response.text()).toBe('finished');
  await stopped;
  expect(told.filter(({ release }) => release).length).toBeGreaterThan(0);
  const id = response.headers.get('x-request-id') ?? '';
  expect(await store.findInvocation('default', id)).toMatchObject({ status: 200 });
  gateway = await startGateway(config, pino({ level: 'silent' }));
});

async function deploy(): Promise<void> {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'shop' },
    spec: { runtime: 'nodejs', handler: 'index.handler' },
  });
  const codeDigest = `sha256:${'0'.repeat(64)}`;
  const { function: fn, revision } = await store.createRevision({
    tenant: 'default',
    manifest,
    digest: 'one',
    codeDigest,
    codeKind: 'layer',
  });
  await store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
}

const withKey = (): Record<string, string> => ({ authorization: `Bearer ${apiKey}` });
const invoke = (): Promise<Response> =>
  fetch(`http://127.0.0.1:${config.gateway.port}/fn/default/shop`, { headers: withKey() });
