import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import pino from 'pino';
import type { z } from 'zod';
import { hashApiKey } from '../../core/crypto/api-key';
import type { TenantLimits } from '../../core/admission/limits';
import { parseManifest, type Tier } from '../../core/function/manifest';
import { LatencyMatrix } from '../../core/network/latency-matrix';
import { networkSettingsSchema } from '../../core/network/network-settings';
import { createMemoryLimiter } from '../../drivers/limiter/memory/memory-limiter';
import type { InvocationRecord, RevisionRecord, RouteSnapshot } from '../../drivers/store/store';
import type { LimitRecord } from '../../drivers/store/limit-store';
import type { PlacedNode } from '../../drivers/store/placement-store';
import { createFrontDoor, type FrontDoor, type FrontDoorOptions } from '../../gateway/admission/front-door';
import { KeyAuthenticator } from '../../gateway/auth/key-authenticator';
import type { TokenAuthenticator } from '../../gateway/auth/oidc/token-authenticator';
import { RequestAuthenticator } from '../../gateway/auth/request-authenticator';
import type { SpendBook } from '../../gateway/budget/spend-book';
import { AgentLink } from '../../gateway/invocation/agent-link';
import { CallerMarks } from '../../gateway/invocation/caller-marks';
import { CallerPlaces } from '../../gateway/invocation/caller-places';
import { InstanceBroker } from '../../gateway/invocation/instance-broker';
import { InvocationHandler } from '../../gateway/invocation/invocation-handler';
import { RouteTable } from '../../gateway/invocation/route-table';
import { RunSpecSource } from '../../gateway/invocation/run-spec-source';
import { InvocationRecorder } from '../../gateway/record/invocation-recorder';
import { createGatewayServer, type GatewayServer, type GatewayServerOptions } from '../../gateway/server';
import type { CallTraces } from '../../gateway/tracing/call-traces';
import { recordsIn } from '../fakes/records-in';
import { FakeAgent } from './fake-agent';

export const silent = pino({ level: 'silent' });

export function revisionRecord(name: string, spec: Record<string, unknown> = {}, number = 1): RevisionRecord {
  return {
    id: `${name}-r${number}`,
    functionId: `${name}-id`,
    tenant: 'acme',
    function: name,
    number,
    digest: 'd',
    codeDigest: `sha256:${'0'.repeat(64)}`,
    codeKind: 'layer',
    state: 'ready',
    error: null,
    createdAt: new Date(0),
    manifest: parseManifest({
      apiVersion: 'presage.dev/v1',
      kind: 'Function',
      metadata: { name },
      spec: { runtime: 'nodejs', handler: 'index.handler', ...spec },
    }),
  };
}

/** A snapshot in which `live` of each function points at its only revision. */
export function snapshotOf(...revisions: RevisionRecord[]): RouteSnapshot {
  return {
    functions: revisions.map((revision) => ({
      functionId: revision.functionId,
      tenant: revision.tenant,
      name: revision.function,
      aliases: [
        {
          functionId: revision.functionId,
          name: 'live',
          weights: [{ revision: revision.number, weight: 100 }],
          generation: 1,
          updatedAt: new Date(0),
        },
      ],
      revisions: [revision],
      placement: null,
    })),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Harness {
  readonly agent: FakeAgent;
  readonly server: GatewayServer;
  readonly handler: InvocationHandler;
  readonly broker: InstanceBroker;
  readonly door: FrontDoor;
  readonly port: number;
  readonly records: InvocationRecord[];
  call(path: string, options?: RequestOptions & { body?: string | Buffer }): Promise<Answer>;
  /** The record of an answered request; waits for its batch. */
  recordOf(answer: Answer): Promise<InvocationRecord>;
  /** Places `f`. */
  place(nodes: readonly PlacedNode[], fence?: string): Promise<void>;
  close(): Promise<void>;
}

const KEYS: Readonly<Record<string, readonly [tenant: string, ...scopes: string[]]>> = {
  psk_invoke: ['acme', 'invoke'],
  psk_admin: ['acme', 'admin'],
  psk_read: ['acme', 'read'],
  psk_other: ['other', 'admin'],
  psk_everywhere: ['other', 'invoke', 'cross-tenant'],
};

export interface HarnessOptions {
  readonly agent?: FakeAgent;
  readonly maxBodyBytes?: number;
  readonly tokens?: Pick<TokenAuthenticator, 'authenticateCached'>;
  readonly inFlight?: FrontDoorOptions['inFlight'];
  readonly queue?: Partial<FrontDoorOptions['queue']>;
  /** Of all tenants. */
  readonly limits?: TenantLimits;
  /** Of some. */
  readonly limitRecords?: readonly LimitRecord[];
  readonly server?: Partial<Pick<GatewayServerOptions, 'connections' | 'headersTimeoutMs' | 'bodyPace'>>;
  readonly streamGraceMs?: number;
  /** Nodes beside the first one, which is `local`. */
  readonly more?: readonly { readonly name: string; readonly tier: Tier; readonly agent: FakeAgent }[];
  readonly distances?: Pick<LatencyMatrix, 'ms'>;
  /** Distances that are injected; the gateway and the node stand in `local`. */
  readonly network?: z.input<typeof networkSettingsSchema>;
  /** Budgets; a call costs a picodollar. */
  readonly book?: SpendBook;
  /** Where calls leave their spans. */
  readonly traces?: CallTraces;
  /** More functions, beside `f` and `private` of acme. */
  readonly revisions?: readonly RevisionRecord[];
}

/** A whole gateway on a free port, with an agent and a store that are fakes. `f` is public, `private` is not. */
export async function startHarness(spec: Record<string, unknown> = {}, options: HarnessOptions = {}): Promise<Harness> {
  const agent = options.agent ?? new FakeAgent();
  const records: InvocationRecord[] = [];
  let snapshot = snapshotOf(
    revisionRecord('f', { public: true, ...spec }),
    revisionRecord('private', { ...spec, public: false }),
    ...(options.revisions ?? []),
  );
  const callers = new CallerMarks(Buffer.alloc(32, 1));
  let generation = 0;
  const byHash = new Map(Object.entries(KEYS).map(([key, value]) => [hashApiKey(key), value]));
  const routes = new RouteTable(
    { routes: () => Promise.resolve(snapshot), subscribe: () => Promise.resolve(() => Promise.resolve()) },
    silent,
    (all) => {
      const known = [...all];
      options.book?.routesChanged(known);
      door.routesChanged(known);
      callers.routesChanged(known);
    },
  );
  const nothingTold = (): Promise<() => Promise<void>> => Promise.resolve(() => Promise.resolve());
  const door = createFrontDoor({
    store: { limits: () => Promise.resolve(options.limitRecords ?? []), subscribe: nothingTold },
    limiter: createMemoryLimiter(),
    places: null,
    log: silent,
    limits: options.limits ?? {},
    inFlight: options.inFlight ?? { max: 1_000, tenantShare: 1 },
    queue: { maxPerFunction: 1_000, maxTotal: 5_000, target: 2_000, interval: 5_000, ...options.queue },
  });
  await door.open();
  await routes.open();
  const recorder = new InvocationRecorder({
    sink: {
      writeInvocations: (batch) => {
        records.push(...recordsIn(batch));
        return Promise.resolve();
      },
    },
    log: silent,
    flushMs: 5,
    sealed: (batch) => options.book?.sealed(batch),
    written: (batch) => options.book?.written(batch),
  });
  const first = { name: 'local', tier: 'central' as const, agent };
  const links = [first, ...(options.more ?? [])].map(
    ({ name, tier, agent: own }) =>
      new AgentLink({
        gatewayId: 'g1',
        node: { name, tier, region: 'local', state: 'ready' },
        agent: own,
        log: silent,
        // In no price book: calls carry it, and cost nothing.
        priceTable: '0123456789ab',
        traceparentOf: options.traces && ((id) => options.traces?.traceparentOf(id)),
      }),
  );
  const broker = new InstanceBroker(
    () => links,
    new RunSpecSource(() => Promise.resolve(new Map())),
    options.distances,
  );
  const network = networkSettingsSchema.parse({ ...options.network, inject: options.network !== undefined });
  const handler = new InvocationHandler({
    routes,
    auth: new RequestAuthenticator(
      new KeyAuthenticator({
        findApiKey: (hash) => {
          const [tenant, ...scopes] = byHash.get(hash) ?? [];
          return Promise.resolve(
            tenant === undefined ? null : { id: hash.slice(0, 8), tenant, scopes, validUntil: null },
          );
        },
      }),
      options.tokens ?? null,
    ),
    broker,
    places: new CallerPlaces(network, 'local'),
    injected: options.network ? LatencyMatrix.of(network, []) : undefined,
    admission: door.admission,
    rates: door.rates,
    spent: (spend) => options.book?.spent(spend, 1),
    recorder,
    callers,
    traces: options.traces,
    log: silent,
    maxBodyBytes: options.maxBodyBytes ?? 200 * 2 ** 20,
    pageHosts: new Set(),
    streamGraceMs: options.streamGraceMs ?? 30_000,
    random: Math.random,
  });
  const server = await createGatewayServer({
    invocations: handler,
    registerApi: async (app) => {
      app.get('/livez', () => ({ status: 'ok' }));
      app.post('/echo', (request) => request.body);
    },
    logger: silent,
    connections: { max: 1_000, perAddress: 1_000 },
    headersTimeoutMs: 10_000,
    ...options.server,
  });
  const port = await server.listen('127.0.0.1', 0);

  const call: Harness['call'] = (path, { body, ...more } = {}) => {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...more }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
  };
  return {
    agent,
    server,
    handler,
    broker,
    door,
    port,
    records,
    call,
    recordOf: (answer) =>
      until(() => records.find((record) => record.id === answer.headers['x-request-id']), 'the record'),
    place: async (nodes, fence) => {
      generation += 1;
      const placement = { functionId: 'f-id', generation, nodes, fence: fence ?? null, updatedAt: new Date(0) };
      snapshot = { functions: snapshot.functions.map((fn) => (fn.name === 'f' ? { ...fn, placement } : fn)) };
      routes.refresh();
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
    close: async () => {
      await server.close(100);
      await door.close();
      await broker.close(500);
      for (const link of links) link.close();
      await recorder.close(500);
      await routes.close();
      await Promise.all([agent, ...(options.more ?? []).map((node) => node.agent)].map((each) => each.close()));
    },
  };
}

/** Waits until `look` finds something. */
export async function until<T>(look: () => T | undefined | null | false, what: string): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
