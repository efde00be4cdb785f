import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { API_KEY_RANDOM_BYTES, newApiKey } from '../../../core/crypto/api-key';
import { parseManifest } from '../../../core/function/manifest';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import { ensureAuthority } from '../../../drivers/certificates/local-authority';
import { SecretVault } from '../../../drivers/secrets/secret-vault';
import type { Store } from '../../../drivers/store/store';
import type { ApiContext } from '../../../gateway/api/api-context';
import { replyWithProblem } from '../../../gateway/api/api-errors';
import { registerApi } from '../../../gateway/api/register-api';
import { KeyAuthenticator } from '../../../gateway/auth/key-authenticator';
import type { MemoryNotices } from '../../fakes/memory-notices';
import { createMemoryStore } from '../../fakes/memory-store';
import { FakeAsync } from './fake-async';
import { soundInstallation } from '../../core/doctor/sound-installation';
import { FakeImages, FakeNode, FakeWorkflows, fakeValidateArchive } from './fake-ports';

interface Call {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly payload?: object | string | Buffer;
}
type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | 'HEAD';

/** A control API over fakes, listening on a port of its own, with the tenants `default` (the operator's) and `acme`. */
export interface Harness {
  readonly app: FastifyInstance;
  readonly origin: string;
  /** Ends everything, connections that clients keep included. */
  readonly close: () => Promise<void>;
  readonly store: Store;
  readonly vault: SecretVault;
  /** Of the memory store, where no other was given. */
  readonly notices: MemoryNotices;
  readonly images: FakeImages;
  readonly workflows: FakeWorkflows;
  readonly node: FakeNode;
  readonly async: FakeAsync;
  /** Everything logged, as text. */
  readonly logged: () => string;
  readonly state: { routesReady: boolean; draining: boolean };
  readonly operatorKey: string;
  readonly acmeKey: string;
  /** Without a key in `call`, acme's admin asks; null asks without any. */
  readonly call: (method: Method, url: string, call?: Call) => Promise<Answer>;
  readonly makeKey: (tenant: string, scopes: string[]) => Promise<string>;
  /** A function with ready revisions; live points at the last. Returns its id. */
  readonly makeFunction: (tenant: string, name: string, revisions?: number) => Promise<string>;
  /** A code blob in the store, sent by acme or another. */
  readonly makeCode: (text?: string, tenant?: string) => Promise<string>;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Json;
}
/** JSON of any shape, read by path. */
export interface Json {
  readonly [key: string]: Json;
  readonly [index: number]: Json;
}

/** What must be a text in an answer. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}

export async function makeHarness(change: Partial<ApiContext> = {}): Promise<Harness> {
  const memory = createMemoryStore();
  const store = change.store ?? memory;
  const vault = new SecretVault(store, { current: randomBytes(32), previous: [] });
  const images = new FakeImages();
  const workflows = new FakeWorkflows();
  const node = new FakeNode();
  const folder = await mkdtemp(path.join(tmpdir(), 'presage-api-'));
  const fakeAsync = new FakeAsync();
  const lines: string[] = [];
  const state = { routesReady: true, draining: false };
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const options = { loggerInstance: log, genReqId: () => randomUUID(), frameworkErrors: replyWithProblem };
  const app = Fastify(options) as unknown as FastifyInstance;
  await registerApi(app, {
    store,
    images,
    workflows,
    temporalUi: 'http://127.0.0.1:8233/namespaces/default',
    async: fakeAsync,
    nodes: () => [node],
    auth: new KeyAuthenticator(store, { ttlMs: 0, negativeTtlMs: 0 }),
    validateArchive: fakeValidateArchive,
    routesReady: () => state.routesReady,
    draining: () => state.draining,
    maxCodeBytes: 100_000,
    warmingPolicy: 'presage',
    warmingPrices: DEFAULT_PRICES,
    prices: priceTableOf(costSettingsSchema.parse({})),
    vault,
    installation: async () => soundInstallation(),
    authority: () => ensureAuthority(folder),
    masterKeyId: 'a-master-key',
    metrics: new Registry(),
    version: { version: '0.1.0', commit: null },
    now: () => new Date(),
    log: app.log,
    heartbeatMs: 50,
    ...change,
  });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  await store.ensureTenant('default');
  await store.ensureTenant('acme');

  const makeKey = async (tenant: string, scopes: string[]): Promise<string> => {
    const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
    await store.createApiKey({ tenant, name: scopes.join(), prefix, hash, scopes });
    return key;
  };
  const operatorKey = await makeKey('default', ['admin']);
  const acmeKey = await makeKey('acme', ['admin']);
  return {
    app,
    origin,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
    store,
    vault,
    notices: memory.notices,
    images,
    workflows,
    node,
    async: fakeAsync,
    state,
    logged: () => lines.join(''),
    operatorKey,
    acmeKey,
    makeKey,
    makeCode: async (text = 'code', tenant = 'acme') => {
      const { digest } = await images.put(Readable.from([Buffer.from(text)]));
      await store.noteCode(tenant, digest);
      return digest;
    },
    makeFunction: async (tenant, name, revisions = 1) => {
      let id = '';
      for (let number = 1; number <= revisions; number++) {
        const made = await store.createRevision({
          tenant,
          manifest: parseManifest(manifestOf(name)),
          digest: randomUUID(),
          codeDigest: 'sha256:code',
          codeKind: 'layer',
        });
        await store.setRevisionState(made.revision.id, 'ready');
        id = made.function.id;
      }
      await store.setAlias(id, 'live', [{ revision: revisions, weight: 100 }]);
      return id;
    },
    call: async (method, path, { key = acmeKey, headers, query, payload } = {}) => {
      const url = new URL(path, origin);
      for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
      const json = payload !== undefined && !Buffer.isBuffer(payload) && typeof payload !== 'string';
      const response = await fetch(url, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(json ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: json ? JSON.stringify(payload) : payload }),
      });
      const text = await response.text();
      const answered = Object.fromEntries(response.headers);
      const body = /json/.test(answered['content-type'] ?? '') && text !== '' ? (JSON.parse(text) as Json) : {};
      return { status: response.status, headers: answered, text, body };
    },
  };
}

/** A manifest as a user writes it, with parts of `spec` changed. */
export function manifestOf(name: string, spec: object = {}): object {
  return {
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name, labels: { team: 'shop' } },
    spec: { runtime: 'nodejs', handler: 'index.handler', checkpoint: {}, ...spec },
  };
}
