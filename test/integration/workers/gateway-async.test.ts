import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { Client } from 'pg';
import { parseManifest } from '../../../core/function/manifest';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import { agentAddress, loadConfig, type Config } from '../../../workers/config';
import { migrate } from '../../../workers/migrate';
import { eventually, freePort } from '../support/eventually';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startOneInstanceAgent } from '../support/one-instance-agent';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(180_000);

/** What the function saw of one try. */
interface Call {
  readonly id: string;
  readonly attempt: string;
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  readonly body: string;
}
interface Described {
  readonly id: string;
  readonly state: string;
  readonly tries: number;
  readonly endedAt: string | null;
  readonly result: { readonly status: number; readonly bytes: number; readonly headers: [string, string][] } | null;
}

let folder: string;
let postgres: TemporaryPostgres;
let store: Store;
let config: Config;
let settings: Record<string, string>;
let apiKey: string;
let gateway: GatewayProcess;
let agent: Server;
let instance: HttpServer;
let port: number;
const calls: Call[] = [];
let answer: (call: Call, response: ServerResponse) => void;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'async-'));
  postgres = await startTemporaryPostgres();
  settings = {
    PRESAGE__DATADIR: path.join(folder, 'data'),
    PRESAGE__RUNDIR: folder,
    PRESAGE__POSTGRES__URL: await postgres.createDatabase(),
    PRESAGE__TEMPORAL__PORT: String(await freePort()),
  };
  config = loadConfig(settings);
  await migrate(config, 'http://127.0.0.1');
  const client = JSON.parse(await readFile(path.join(config.dataDir, 'client.json'), 'utf8')) as { apiKey: string };
  apiKey = client.apiKey;
  store = openPostgresStore(config.postgres.url ?? '');
  instance = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => instance.listen(path.join(folder, 'i.sock'), resolve));
  agent = await startOneInstanceAgent(agentAddress(config, { name: 'local' }), path.join(folder, 'i.sock'));
  await deploy();
  port = await freePort();
  gateway = await startGatewayProcess(settings, port);
  await eventually(async () => ((await send('/warm')).status === 202 ? true : undefined), 'the route');
});

afterAll(async () => {
  await gateway.stop();
  agent.forceShutdown();
  instance.closeAllConnections();
  instance.close();
  await store.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  calls.length = 0;
  answer = (call, response) => response.writeHead(200, { 'x-own': 'yes' }).end(`done ${call.attempt}`);
});

test('202 with a place to look, and there the answer of the function', async () => {
  const accepted = await send('/pay?x=1', { method: 'POST', body: 'ping', headers: { traceparent: TRACE } });
  expect(accepted.headers.get('preference-applied')).toBe('respond-async');
  const location = accepted.headers.get('location') ?? '';
  const { id } = (await accepted.json()) as { id: string };
  expect(location).toBe(`/v1/async/${id}`);
  expect(accepted.headers.get('x-request-id')).toBe(id);
  const ended = await endOf(id);
  expect(ended).toMatchObject({ state: 'succeeded', tries: 1, result: { status: 200, bytes: 6 } });
  expect(ended.result?.headers).toContainEqual(['x-own', 'yes']);
  expect(await (await ask(`${location}/result`)).text()).toBe('done 1');
  const [call] = calls.filter((seen) => seen.id === id);
  expect(call).toMatchObject({ url: '/pay?x=1', body: 'ping', attempt: '1' });
  // The try is a span of the trace under which it was accepted.
  expect(call?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  expect(call?.headers.traceparent).not.toBe(TRACE);
  // Neither the platform's key nor what was asked of the platform is the function's business.
  expect(JSON.stringify(call?.headers)).not.toContain('psk_');
  expect(call?.headers['prefer']).toBeUndefined();
  const record = await eventually(async () => (await store.findInvocation('default', id)) ?? undefined, 'the record');
  expect(record).toMatchObject({ id, status: 200, attempt: 1, function: 'shop' });
});

test('a large body and a large answer go by way of the image store, whole', async () => {
  const large = 'x'.repeat(300_000);
  answer = (call, response) => response.end(call.body + call.body);
  const id = await idOf(send('/', { method: 'POST', body: large }));
  await endOf(id);
  expect(await (await ask(`/v1/async/${id}/result`)).text()).toBe(large + large);
});

test('an idempotency key is one invocation; another request under it, or a broken key, is refused', async () => {
  const key = { 'idempotency-key': '"order-1"' };
  const first = await idOf(send('/', { method: 'POST', body: 'a', headers: key }));
  expect(await idOf(send('/', { method: 'POST', body: 'a', headers: key }))).toBe(first);
  await endOf(first);
  expect(await idOf(send('/', { method: 'POST', body: 'a', headers: key }))).toBe(first);
  const other = await send('/', { method: 'POST', body: 'b', headers: key });
  expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([422, 'idempotency_mismatch']);
  expect((await send('/', { method: 'POST', headers: { 'idempotency-key': '"broken' } })).status).toBe(400);
  expect(calls.filter(({ id }) => id === first)).toHaveLength(1);
});

test('a function that fails is tried again', async () => {
  answer = (call, response) => response.writeHead(call.attempt === '1' ? 500 : 201).end();
  const id = await idOf(send('/'));
  expect(await endOf(id)).toMatchObject({ state: 'succeeded', tries: 2, result: { status: 201 } });
});

test('a gateway that is killed in the middle of a try: the next one tries again, and its answer counts', async () => {
  answer = (call, response) => void (call.attempt === '1' ? undefined : response.end('second'));
  const id = await idOf(send('/'));
  await eventually(async () => calls.find((call) => call.id === id), 'the first try');
  await gateway.kill();
  gateway = await startGatewayProcess(settings, port);
  const began = Date.now();
  expect(await endOf(id)).toMatchObject({ state: 'succeeded', tries: 2 });
  // Its predecessor on the same port is known to be dead: no lease has to run out.
  expect(Date.now() - began).toBeLessThan(9_000);
  expect(await (await ask(`/v1/async/${id}/result`)).text()).toBe('second');
});

test('a gateway that stays away: another one takes its tries over when the lease is out', async () => {
  const otherPort = await freePort();
  const other = await startGatewayProcess(settings, otherPort);
  answer = () => undefined;
  const ids = await Promise.all(Array.from({ length: 6 }, () => idOf(send('/'))));
  await eventually(
    async () => (ids.every((id) => calls.some((call) => call.id === id)) ? true : undefined),
    'all tries',
  );
  answer = (_, response) => response.end('taken over');
  await gateway.kill();
  const moved = await eventually(async () => {
    const found = await Promise.all(ids.map((id) => ask(`/v1/async/${id}`, other.url).then(json)));
    return found.some(({ tries }) => tries === 2) ? found : undefined;
  }, 'the taking over');
  expect(moved.length).toBe(6);
  await other.kill();
  gateway = await startGatewayProcess(settings, port);
  for (const id of ids) expect(await endOf(id)).toMatchObject({ state: 'succeeded' });
});

test('the database goes away in the middle of a try: the answer waits and is written once', async () => {
  let finish: (() => void) | undefined;
  answer = (_, response) => (finish = () => void response.end('kept'));
  const id = await idOf(send('/'));
  await eventually(() => Promise.resolve(finish), 'the try');
  await postgres.kill();
  const refused = await send('/');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  finish?.();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await postgres.start();
  expect(await endOf(id)).toMatchObject({ state: 'succeeded', tries: 1 });
  expect(await (await ask(`/v1/async/${id}/result`)).text()).toBe('kept');
  expect(calls.filter((call) => call.id === id)).toHaveLength(1);
});

test('database away and gateway killed after the function has answered: it is not run again', async () => {
  let finish: (() => void) | undefined;
  answer = (_, response) => (finish = () => void response.end('spooled'));
  const id = await idOf(send('/'));
  await eventually(() => Promise.resolve(finish), 'the try');
  await postgres.kill();
  finish?.();
  const spool = path.join(config.dataDir, 'async-reports');
  await eventually(async () => {
    const [own = ''] = await readdir(spool).catch(() => []);
    return (await readdir(path.join(spool, own))).find((name) => name.startsWith(id) && name.endsWith('.json'));
  }, 'the spool');
  await gateway.kill();
  await postgres.start();
  gateway = await startGatewayProcess(settings, port);
  expect(await endOf(id)).toMatchObject({ state: 'succeeded', tries: 1 });
  expect(calls.filter((call) => call.id === id)).toHaveLength(1);
});

test('the database is killed again and again while tries end: the gateway lives, and each is answered once', async () => {
  answer = (_, response) => setTimeout(() => response.end('ok'), 20);
  const ids: string[] = [];
  for (let kill = 0; kill < 3; kill++) {
    ids.push(...(await Promise.all(Array.from({ length: 30 }, () => idOf(send('/'))))));
    await postgres.kill();
    await postgres.start();
    await eventually(async () => ((await send('/')).status === 202 ? true : undefined), 'the database');
  }
  for (const id of ids) expect(await endOf(id)).toMatchObject({ state: 'succeeded' });
  expect(gateway.child.exitCode).toBeNull();
  for (const id of ids) expect(calls.filter((call) => call.id === id)).toHaveLength(1);
});

test('a webhook is believed by its URL and its signature', async () => {
  await fetch(`${gateway.url}/v1/secrets/shared`, {
    method: 'PUT',
    headers: { ...withKey(), 'content-type': 'application/json' },
    body: JSON.stringify({ value: 'squirrel' }),
  });
  const { items } = (await (await ask('/v1/functions/shop/triggers')).json()) as { items: { url: string }[] };
  const url = gateway.url + (items[0]?.url ?? '');
  const post = (to: string, signature: string): Promise<Response> =>
    fetch(to, { method: 'POST', body: '{"paid":1}', headers: { 'x-hub-signature-256': signature } });
  const right = `sha256=${createHmac('sha256', 'squirrel').update('{"paid":1}').digest('hex')}`;
  const accepted = await post(`${url}?via=test`, right);
  expect(accepted.status).toBe(202);
  const id = await idOf(Promise.resolve(accepted));
  await endOf(id);
  expect(calls.find((call) => call.id === id)).toMatchObject({ url: '/paid?via=test', body: '{"paid":1}' });
  expect((await post(url, 'sha256=00')).status).toBe(403);
  expect((await post(`${url}x`, right)).status).toBe(404);
});

test('a cron expression of the live revision invokes the function when its time has come', async () => {
  const client = new Client({ connectionString: config.postgres.url });
  await client.connect();
  try {
    await eventually(async () => {
      const { rowCount } = await client.query("update cron_triggers set next_at = now() where name = 'yearly'");
      return rowCount === 1 || undefined;
    }, 'the trigger');
    const call = await eventually(async () => calls.find(({ url }) => url === '/cron'), 'the tick');
    expect(call).toMatchObject({ body: 'tick', attempt: '1', headers: { 'x-trigger-name': 'yearly' } });
    expect(await endOf(call.id)).toMatchObject({ state: 'succeeded', tries: 1 });
    const { rows } = await client.query<{ next_at: Date }>('select next_at from cron_triggers');
    expect(rows.map((row) => row.next_at.getTime() > Date.now())).toEqual([true]);
  } finally {
    await client.end();
  }
});

test('stopping breaks nothing off for good: what has not ended in time is tried by the next gateway', async () => {
  answer = (_, response) => setTimeout(() => response.end('in time'), 1_000);
  const id = await idOf(send('/'));
  await eventually(async () => calls.find((call) => call.id === id), 'the try');
  await gateway.stop();
  gateway = await startGatewayProcess(settings, port);
  expect(await endOf(id)).toMatchObject({ state: 'succeeded', tries: 1 });
});

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { headers } = request;
  const call: Call = {
    id: String(headers['x-presage-invocation']),
    attempt: String(headers['x-presage-attempt']),
    headers,
    url: request.url ?? '',
    body: Buffer.concat(chunks).toString(),
  };
  calls.push(call);
  answer(call, response);
}

async function deploy(): Promise<void> {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'shop' },
    spec: {
      runtime: 'nodejs',
      handler: 'index.handler',
      concurrency: 20,
      async: { backoff: { first: '50ms' } },
      triggers: [
        { name: 'paid', path: '/paid', webhook: { secret: 'shared' } },
        { name: 'yearly', path: '/cron', cron: '0 0 1 1 *', body: 'tick' },
      ],
    },
  });
  const codeDigest = `sha256:${'0'.repeat(64)}`;
  const made = { tenant: 'default', manifest, digest: 'one', codeDigest, codeKind: 'layer' } as const;
  const { function: fn, revision } = await store.createRevision(made);
  await store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
}

const withKey = (): Record<string, string> => ({ authorization: `Bearer ${apiKey}` });

function send(target: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...withKey(), prefer: 'respond-async', ...(init.headers as Record<string, string> | undefined) };
  return fetch(`${gateway.url}/fn/default/shop${target}`, { ...init, headers });
}

async function idOf(sent: Promise<Response>): Promise<string> {
  const response = await sent;
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

const ask = (target: string, url = gateway.url): Promise<Response> => fetch(url + target, { headers: withKey() });
const json = async (response: Response): Promise<Described> => (await response.json()) as Described;

/** Of an invocation that has ended. */
function endOf(id: string): Promise<Described> {
  return eventually(async () => {
    const response = await ask(`/v1/async/${id}`).catch(() => null);
    if (!response?.ok) return undefined;
    const found = await json(response);
    return found.endedAt === null ? undefined : found;
  }, `the end of ${id}`);
}
