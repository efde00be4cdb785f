import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, request as httpRequest, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { Client } from 'pg';
import pino from 'pino';
import { openPostgresStore } from '../../../../drivers/store/postgres';
import type { Store } from '../../../../drivers/store/store';
import { agentAddress, loadConfig, type Config } from '../../../../workers/config';
import { startGateway, type RunningGateway } from '../../../../workers/gateway';
import { migrate } from '../../../../workers/migrate';
import { manifestOf } from '../../../gateway/api/api-harness';
import { EventReader } from '../../../gateway/api/event-reader';
import { LocalIssuer } from '../../../gateway/auth/oidc/local-issuer';
import { sampleEvent, sampleLog } from '../../../drivers/store/sample-records';
import { eventually, freePort } from '../../support/eventually';
import { startOneInstanceAgent } from '../../support/one-instance-agent';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../support/temporary-postgres';
import { operationsOf, type Operation } from './openapi-operations';
import { fillOwner, FUNCTION, makeKey, MARK, ownedPath, OWNER, RIVAL, writeMarks, type OwnedIds } from './two-tenants';

jest.setTimeout(180_000);

/** Routes by which a tenant makes something of its own under a name that another has too: they must not be refused. */
const MAKES_ITS_OWN = new Set(['PUT /v1/budgets/{name}', 'PUT /v1/functions/{name}', 'PUT /v1/secrets/{name}']);

/** What lies in Temporal, which is away here: nothing is to be had of it by anybody. */
const IN_TEMPORAL = new Set([
  '/v1/cost/ledger/checks/{id}',
  '/v1/cost/searches/{id}',
  '/v1/warming/court/{id}',
  '/v1/placement/plans/{id}',
]);
/** Belongs to no tenant. */
const FOR_OPERATORS = new Set(['/v1/nodes/{name}']);

type Headers = Record<string, string>;
interface Answer {
  readonly status: number;
  readonly all: string;
}

let folder: string;
let postgres: TemporaryPostgres;
let store: Store;
let config: Config;
let gateway: RunningGateway;
let agent: Server;
let instance: HttpServer;
let issuer: LocalIssuer;
let stranger: LocalIssuer;
let ids: OwnedIds;
let operations: Operation[];
/** All that rival, or nobody, can show. */
let credentials: Record<string, Headers>;
const logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tenants-'));
  postgres = await startTemporaryPostgres();
  [issuer, stranger] = await Promise.all([new LocalIssuer().start(), new LocalIssuer().start()]);
  config = loadConfig(
    { PRESAGE_CONFIG: '/dev/null' },
    {
      dataDir: path.join(folder, 'data'),
      runDir: folder,
      gateway: { port: await freePort() },
      postgres: { url: await postgres.createDatabase() },
      // Nobody listens there: Temporal is away.
      temporal: { port: await freePort() },
      auth: { issuers: [{ issuer: issuer.url, audience: 'presage' }] },
    },
  );
  await migrate(config, 'http://127.0.0.1');
  store = openPostgresStore(config.postgres.url ?? '');
  instance = createHttpServer((_, response) => response.end(MARK));
  await new Promise<void>((resolve) => instance.listen(path.join(folder, 'i.sock'), resolve));
  agent = await startOneInstanceAgent(agentAddress(config, { name: 'local' }), path.join(folder, 'i.sock'));
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  gateway = await startGateway(config, log);
  const masterKey = Buffer.from(
    (await readFile(path.join(config.dataDir, 'secrets/master.key'), 'utf8')).trim(),
    'hex',
  );
  ids = await fillOwner(store, masterKey);
  credentials = await rivalCredentials();
  const document = await (await fetch(`${origin()}/openapi.json`)).json();
  operations = operationsOf(document, manifestOf(FUNCTION));
});

afterAll(async () => {
  await gateway.stop();
  agent.forceShutdown();
  instance.close();
  await Promise.all([issuer.stop(), stranger.stop(), store.close()]);
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const origin = (): string => `http://127.0.0.1:${gateway.port}`;
const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` });
const good = (): Record<string, Headers> =>
  Object.fromEntries(Object.entries(credentials).filter(([name]) => name.startsWith('rival')));

async function rivalCredentials(): Promise<Record<string, Headers>> {
  const key = async (scopes: string[], ends: Date | null = null) => (await makeKey(store, RIVAL, scopes, ends)).key;
  const revoked = await makeKey(store, RIVAL, ['admin']);
  await store.revokeApiKey(RIVAL, revoked.id);
  const admin = await key(['admin']);
  return {
    'rival’s admin key': bearer(admin),
    'rival’s admin key in its other header': { 'x-api-key': admin },
    'rival’s admin key, with headers that name acme': {
      ...bearer(admin),
      'x-presage-tenant': OWNER,
      'x-forwarded-host': `${FUNCTION}.${OWNER}.fn.localhost`,
      'x-forwarded-for': '127.0.0.1',
    },
    'rival’s deploy key': bearer(await key(['deploy'])),
    'rival’s read key': bearer(await key(['read'])),
    'rival’s invoke key': bearer(await key(['invoke'])),
    'rival’s admin token': bearer(issuer.token({ tenant: RIVAL, roles: ['admin'] })),
    'a token of acme by an issuer that is not known': bearer(stranger.token({ tenant: OWNER, roles: ['admin'] })),
    'a token of acme for somebody else': bearer(issuer.token({ aud: 'another', roles: ['admin'] })),
    'a token of acme that has expired': bearer(issuer.token({ exp: 1, roles: ['admin'] })),
    'a key that has expired': bearer(await key(['admin'], new Date(Date.now() - 1000))),
    'a revoked key': bearer(revoked.key),
    'a guess': bearer(`psk_${'A'.repeat(43)}`),
    'acme’s key cut short': bearer(ids.key.slice(0, -1)),
    nothing: {},
  };
}

/** By raw HTTP, so that paths and hosts go out as they are. */
function call(method: string, target: string, headers: Headers, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sent = { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: gateway.port, method, path: target, headers: sent, agent: false };
    const outgoing = httpRequest(options, (response) => {
      let received = '';
      response.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, all: `${JSON.stringify(response.rawHeaders)}\n${received}` }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Every row of the database that is acme's or speaks of it, as text. */
async function ownersRows(): Promise<string[]> {
  const client = new Client({ connectionString: config.postgres.url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`,
    );
    const rows: string[] = [];
    // What rests is charged by the gateway's own clock, whoever calls.
    for (const { name } of tables.rows.filter((table) => table.name !== 'held_minutes')) {
      // What rival tried is in rival's own audit log, with the paths it tried.
      const own = name === 'audit' ? `tenant = '${OWNER}'` : `t::text like '%${OWNER}%' or t::text like '%${ids.functionId}%'`; // prettier-ignore
      const found = await client.query<{ row: string }>(`select t::text as row from ${name} t where ${own}`);
      rows.push(...found.rows.map(({ row }) => `${name} ${row}`));
    }
    return rows.sort();
  } finally {
    await client.end();
  }
}

test('the way is open for acme itself, so that what follows shows something', async () => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  const own = bearer(issuer.token({ roles: ['admin'] }));
  expect(await call('GET', `/fn/${OWNER}/${FUNCTION}`, own)).toMatchObject({
    status: 200,
    all: expect.stringContaining(MARK) as string,
  });
  const accepted = await call('POST', `/fn/${OWNER}/${FUNCTION}/${MARK}`, { ...own, prefer: 'respond-async' });
  ids = { ...ids, async: /v1\/async\/([\w-]+)/.exec(accepted.all)?.[1] ?? '' };
  await eventually(async () => {
    const { status } = await call('GET', `/v1/async/${ids.async}/result`, own);
    return status === 200 || undefined;
  }, 'the answer of an asynchronous invocation');
  await eventually(async () => {
    const { status } = await call('GET', `/v1/invocations/${ids.async}`, own);
    return status === 200 || undefined;
  }, 'its record, before the rows are looked at');
  for (const operation of operations.filter(
    ({ method, pathParameters }) => method === 'GET' && pathParameters.length > 0,
  )) {
    const answer = await call('GET', ownedPath(operation.template, ids), own);
    expect([operation.template, answer.status]).toEqual([
      operation.template,
      IN_TEMPORAL.has(operation.template) ? 503 : FOR_OPERATORS.has(operation.template) ? 403 : 200,
    ]);
  }
  for (const list of [
    'functions',
    'functions?activity=true',
    'checkpoints',
    'deployments',
    'events',
    'instances',
    'invocations',
    'keys',
    'audit',
    'async',
  ]) {
    expect([list, (await call('GET', `/v1/${list}`, own)).all.includes(MARK)]).toEqual([list, true]);
  }
});

test('no route of the OpenAPI document gives, or lets change, anything of another tenant’s', async () => {
  const before = await ownersRows();
  expect(before.length).toBeGreaterThan(12);
  let tried = 0;
  const nameOf = ({ method, template }: Operation): string => `${method} ${template}`;
  // Metrics have rules of their own, and a test.
  const guarded = operations.filter(({ needsCredentials, template }) => needsCredentials && template !== '/metrics');
  // What rival makes by these is rival's, and would then be found by the others.
  const makersLast = guarded.sort(
    (a, b) => Number(MAKES_ITS_OWN.has(nameOf(a))) - Number(MAKES_ITS_OWN.has(nameOf(b))),
  );
  for (const operation of makersLast) {
    const name = nameOf(operation);
    const target = ownedPath(operation.template, ids);
    const names = operation.pathParameters.length > 0;
    for (const [who, headers] of Object.entries(credentials)) {
      const body = structuredClone(operation.body);
      const answer = await call(operation.method, target, headers, body);
      tried++;
      expect([name, who, answer.all.includes(MARK)]).toEqual([name, who, false]);
      const known = who.startsWith('rival');
      if (!known) expect([name, who, answer.status]).toEqual([name, who, 401]);
      else if (names && !MAKES_ITS_OWN.has(name)) {
        const refusals = IN_TEMPORAL.has(operation.template) ? [403, 404, 503] : [403, 404];
        expect([name, who, refusals.includes(answer.status)]).toEqual([name, who, true]);
      }
      const named = await call(operation.method, `${target}?tenant=${OWNER}`, headers, body);
      expect([name, who, 'by ?tenant=', named.status]).toEqual([name, who, 'by ?tenant=', known ? 403 : 401]);
      expect([name, who, named.all.includes(MARK)]).toEqual([name, who, false]);
    }
  }
  expect(tried).toBeGreaterThan(300);
  expect(await ownersRows()).toEqual(before);
});

test('a list with what each function did shows none of another tenant’s', async () => {
  for (const [who, headers] of Object.entries(good())) {
    const answer = await call('GET', '/v1/functions?activity=true', headers);
    expect([who, answer.all.includes(MARK)]).toEqual([who, false]);
    expect([who, answer.all.includes(ids.functionId)]).toEqual([who, false]);
    const named = await call('GET', `/v1/functions?activity=true&tenant=${OWNER}`, headers);
    expect([who, named.status]).toEqual([who, 403]);
  }
});

test('what needs no key says nothing of tenants, and metrics nothing to a tenant', async () => {
  for (const operation of operations.filter(({ needsCredentials }) => !needsCredentials)) {
    const answer = await call(operation.method, operation.template, {});
    expect([operation.template, answer.status < 500 || answer.status === 503]).toEqual([operation.template, true]);
    expect([operation.template, answer.all.includes(MARK)]).toEqual([operation.template, false]);
  }
  for (const headers of Object.values(credentials)) {
    const answer = await call('GET', '/metrics', { ...headers, 'x-forwarded-for': '10.1.2.3' });
    expect([401, 403]).toContain(answer.status);
    expect(answer.all).not.toContain(FUNCTION);
  }
  for (const headers of Object.values(good())) expect((await call('GET', '/metrics', headers)).status).toBe(403);
});

test('no path, host, alias or header leads a caller to another tenant’s function', async () => {
  const paths = [
    `/fn/${OWNER}/${FUNCTION}`,
    `/fn/${OWNER}/${FUNCTION}@canary/x`,
    `/fn/%61cme/${FUNCTION}`,
    `/fn/${OWNER}%2f${FUNCTION}`,
    `/fn/${RIVAL}/../${OWNER}/${FUNCTION}`,
    `/fn/${RIVAL}/%2e%2e/${OWNER}/${FUNCTION}`,
    `/fn/${RIVAL}/${FUNCTION}/../../${OWNER}/${FUNCTION}`,
    `/fn/${RIVAL}/${OWNER}/${FUNCTION}`,
    `/fn//${OWNER}/${FUNCTION}`,
    `//fn/${OWNER}/${FUNCTION}`,
    `/fn/${OWNER}/${FUNCTION}?tenant=${RIVAL}`,
    `/fn/${RIVAL}/${FUNCTION}?tenant=${OWNER}`,
    `http://127.0.0.1/fn/${OWNER}/${FUNCTION}`,
  ];
  const hosts = [
    `${FUNCTION}.${OWNER}.fn.localhost`,
    `${FUNCTION.toUpperCase()}.${OWNER.toUpperCase()}.FN.localhost:80`,
  ];
  const targets: [target: string, more: Headers][] = [
    ...paths.map((target): [string, Headers] => [target, {}]),
    ...hosts.flatMap((host): [string, Headers][] => [
      ['/', { host }],
      [`/fn/${RIVAL}/${FUNCTION}`, { host }],
      [`/fn/${RIVAL}/${FUNCTION}`, { 'x-forwarded-host': host, 'x-original-host': host }],
    ]),
    [`/fn/${RIVAL}/${FUNCTION}`, { 'x-original-url': `/fn/${OWNER}/${FUNCTION}`, 'x-presage-function': FUNCTION }],
  ];
  for (const [who, headers] of Object.entries(credentials)) {
    for (const [target, more] of targets) {
      const answer = await call('GET', target, { ...headers, ...more });
      expect([who, target, more, answer.status >= 400, answer.all.includes(MARK)]).toEqual([who, target, more, true, false]); // prettier-ignore
    }
  }
});

test('no event stream carries another tenant’s lines', async () => {
  const streams = operations.filter((operation) => operation.streams);
  expect(streams.length).toBeGreaterThan(1);
  await store.createRevision({ tenant: RIVAL, manifest: (await ownManifest()), digest: 'r', codeDigest: 'c', codeKind: 'layer' }); // prettier-ignore
  const headers = credentials['rival’s admin key'] ?? {};
  for (const { template } of streams) {
    const reader = await EventReader.open(`${origin()}${ownedPath(template, ids)}?tail=1000`, {
      ...headers,
      'last-event-id': '0',
    });
    await writeMarks(store);
    await store.writeLogs([sampleLog({ tenant: RIVAL, function: FUNCTION, text: 'last of rival' })]);
    await store.writeEvents([sampleEvent({ tenant: RIVAL, data: { text: 'last of rival' } })]);
    let seen = '';
    while (!seen.includes('last of rival')) seen += (await reader.block()) ?? 'the stream ended';
    reader.close();
    expect([template, seen.includes(MARK)]).toEqual([template, false]);
  }
});

async function ownManifest() {
  const [revision] = await store.revisions(ids.functionId);
  if (!revision) throw new Error('acme has lost its revision');
  return { ...revision.manifest, metadata: { ...revision.manifest.metadata, labels: {} } };
}

test('nothing that lets anybody in, and no secret, was written to the log', () => {
  const text = logged.join('');
  expect(text).toContain('gateway.ready');
  expect(text).not.toContain(ids.key);
  for (const headers of Object.values(credentials)) {
    for (const value of Object.values(headers)) {
      const credential = /^(?:Bearer )?(psk_\S+|\S+\.\S+\.\S+)$/.exec(value)?.[1];
      if (credential !== undefined && !credential.endsWith('.localhost') && !/^[\d.]+$/.test(credential)) expect(text).not.toContain(credential); // prettier-ignore
    }
  }
  expect(text).not.toContain(MARK);
});
