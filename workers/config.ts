import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { isLocalTarget } from '../agent/rpc/agent-tls';
import { tenantLimitsSchema } from '../core/admission/limits';
import { ENGINE_NAMES } from '../core/forecast/training/training-engine';
import { PlatformError } from '../core/error/platform-error';
import { nameSchema, problemsOf } from '../core/function/manifest';
import { parseMemory } from '../core/function/quantity';
import { durationIn as duration, quantityIn } from '../core/function/quantity-schema';
import { networkProblems } from '../core/network/network-problems';
import { networkSettingsSchema } from '../core/network/network-settings';
import { placementSettingsSchema } from '../core/plan/placement-settings';
import { budgetSettingsSchema } from '../core/budget/budget-settings';
import { costSettingsSchema } from '../core/cost/cost-settings';
import { warmingSettingsSchema } from '../core/warming/warming-settings';
import type { RetentionDays } from '../drivers/store/store';
import { issuerSchema } from '../gateway/auth/oidc/issuer-settings';
import { deepMerge, fromEnvironment, fromFile } from './config-sources';
import { decisionPrices } from './decision-prices';
import { kubernetesSettingsSchema } from './kubernetes-settings';
import { nodeSchema, relayOf } from './node-settings';
import { objectSettingsSchema } from './object-settings';
import { redisSettingsSchema } from './redis-settings';
import { temporalSettingsSchema } from './temporal-settings';
import { tracingSettingsSchema } from './tracing-settings';

const port = z.coerce.number().int().min(1).max(65535);
const memory = quantityIn(parseMemory);

/** One schema for all processes: each reads its own section and the shared ones. Durations become milliseconds, sizes bytes. */
const sections = z.strictObject({
  /** State that must survive: PostgreSQL, Temporal, images, keys, logs. */
  dataDir: z.string().default('.presage'),
  /** Sockets, instance folders, raw checkpoint images: short path, may be lost at a reboot. Default: derived from dataDir. */
  runDir: z.string().optional(),
  log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  /** Where agents and control workers answer `/livez` and `/readyz`, for whoever starts them anew; gateways have them at their own port. */
  health: z.strictObject({ host: z.string().default('127.0.0.1'), port }).optional(),
  gateway: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8080),
      /** Where it stands; default: where the first node does. */
      region: nameSchema.optional(),
      /** Whether the console is served at /console. */
      console: z.stringbool().or(z.boolean()).default(true),
      /** Gateway processes that share the port; a machine with many cores serves more with more. */
      processes: z.coerce.number().int().min(1).max(64).default(1),
      /** Hosts that a proxy leads to one function each. Elsewhere a function's page is shown without the rights of the host, where the console is. */
      pageHosts: z.array(z.hostname().toLowerCase()).default([]),
      maxBody: memory.prefault('100Mi'),
      maxCode: memory.prefault('250Mi'),
      /** `none`: calls leave no record and no count, so that nothing is known, forecast or judged of them; to see what that costs. */
      records: z.enum(['all', 'none']).default('all'),
      /** Bound of the records that wait on the disk while PostgreSQL is away. */
      spool: memory.prefault('256Mi'),
      /** TLS at this door, by files in PEM; changed files are taken up for new connections. */
      tls: z
        .strictObject({
          cert: z.string(),
          key: z.string(),
          minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
          /** Where functions of this machine call the gateway, on loopback and without TLS. */
          insidePort: port.default(8081),
        })
        .optional(),
      /** Tries of asynchronous invocations that one gateway makes at once. */
      asyncSlots: z.coerce.number().int().min(1).max(1000).default(16),
      /** For tenants that have none of their own (PUT /v1/tenants/{tenant}/limits). */
      limits: tenantLimitsSchema.prefault({}),
      /** Requests, streams and WebSockets in flight at once; `tenantShare` is the part that one tenant may have at most. */
      inFlight: z
        .strictObject({
          max: z.coerce.number().int().min(1).default(2_000),
          tenantShare: z.coerce.number().gt(0).max(1).default(0.8),
        })
        .prefault({}),
      /** Requests that wait for a place. A function is overloaded when for an interval all waited longer than the target. */
      queue: z
        .strictObject({
          maxPerFunction: z.coerce.number().int().min(0).default(1_000),
          maxTotal: z.coerce.number().int().min(0).default(5_000),
          target: duration.prefault('2s'),
          interval: duration.prefault('5s'),
        })
        .prefault({}),
      connections: z
        .strictObject({
          max: z.coerce.number().int().min(1).default(10_000),
          /** Raise it where a proxy stands before the gateway: all come from its address. */
          perAddress: z.coerce.number().int().min(1).default(2_000),
        })
        .prefault({}),
      /** For the head of a request to come in. */
      headersTimeout: duration.prefault('10s'),
      /** How long a WebSocket may stay on an instance that is to go. */
      streamGrace: duration.prefault('30s'),
    })
    .prefault({}),
  postgres: z
    .strictObject({
      /** A database of your own; without it `npm start` runs one. */
      url: z.string().optional(),
      port: port.default(5433),
    })
    .prefault({}),
  redis: redisSettingsSchema.prefault({}),
  temporal: temporalSettingsSchema.prefault({}),
  /** Who says which nodes there are: this configuration and the agents that have joined, or Kubernetes. */
  cluster: z.enum(['registered', 'kubernetes']).default('registered'),
  kubernetes: kubernetesSettingsSchema.prefault({}),
  /** Default: one called `local`; with `cluster: kubernetes` none. */
  nodes: z.array(nodeSchema).prefault([{ name: 'local' }]),
  network: networkSettingsSchema.prefault({}),
  agent: z
    .strictObject({
      sandbox: z.enum(['auto', 'runc', 'process', 'simulated']).default('auto'),
      /** Memory that instances of all nodes here may be promised together; default three quarters of the machine's. */
      memory: memory.optional(),
      /** Bound of the tmpfs with raw checkpoint images. */
      images: memory.prefault('2Gi'),
      /** How long a gateway keeps an idle instance before it gives it back and it is frozen. */
      linger: duration.prefault('1s'),
      /** More than the cores only share them: each takes longer, and none is ready sooner. */
      parallelRestores: z.coerce.number().int().min(1).prefault(Math.max(2, availableParallelism())),
      parallelColdStarts: z.coerce.number().int().min(1).default(4),
      /** How many of each runtime and network to keep booted without code for cold starts, where memory is to spare; 0: none. */
      blanks: z.coerce.number().int().min(0).max(16).default(1),
      /** Prepared cgroups with a parked process, ready for a restore. */
      slots: z.coerce.number().int().min(0).max(64).default(8),
      /** Each instance gets an address of it. */
      subnet: z.string().default('10.203.0.0/16'),
      /**
       * Files in PEM with which agents at `host:port`, and those who call them, know each other. `serverName`: the name that
       * agents have in their certificates, where it is not that of their address, such as one certificate for all of a cluster.
       */
      tls: z
        .strictObject({ ca: z.string(), cert: z.string(), key: z.string(), serverName: z.string().optional() })
        .optional(),
    })
    .prefault({}),
  auth: z
    .strictObject({
      /** Whose tokens are taken beside API keys. */
      issuers: z
        .array(issuerSchema)
        .default([])
        .refine(
          (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
          'names one issuer twice',
        ),
    })
    .prefault({}),
  secrets: z
    .strictObject({
      /** File with the master key, 64 hex digits; default: `<dataDir>/secrets/master.key`, made at the first start. */
      keyFile: z.string().optional(),
      /** Master keys before it, needed until `presage secret rewrap` has run. */
      previousKeyFiles: z.array(z.string()).default([]),
    })
    .prefault({}),
  forecast: z
    .strictObject({
      /** What trains the network: our own code, or TensorFlow.js (docs/adr/0019). */
      engine: z.enum(ENGINE_NAMES).default('own'),
    })
    .prefault({}),
  warming: warmingSettingsSchema.prefault({}),
  placement: placementSettingsSchema.prefault({}),
  objects: objectSettingsSchema.prefault({}),
  cost: costSettingsSchema.prefault({}),
  budgets: budgetSettingsSchema.prefault({}),
  tracing: tracingSettingsSchema.prefault({}),
  retention: z
    .strictObject({
      invocationDays: z.coerce.number().int().min(1).default(14),
      logDays: z.coerce.number().int().min(1).default(7),
      eventDays: z.coerce.number().int().min(1).default(30),
      auditDays: z.coerce.number().int().min(1).default(365),
      /** What was forecast each minute; some 700 bytes a function and minute. */
      forecastDays: z.coerce.number().int().min(1).default(7),
      /** What was held warm and why; some 500 bytes a minute and function of which anything is held. */
      decisionDays: z.coerce.number().int().min(1).default(7),
      /** What was charged: a line for each function, component and minute in which it was used; a month at the least. */
      ledgerDays: z.coerce.number().int().min(62).default(400),
      /** Forecast models that are not in use, with what a roll back to them needs. */
      forecastModelDays: z.coerce.number().int().min(1).default(30),
      /** Checkpoints of revisions that nothing points at. */
      checkpoints: duration.prefault('24h'),
    })
    .prefault({}),
});

export const configSchema = sections.superRefine(({ cluster, kubernetes, nodes, agent, gateway, network }, context) => {
  const issue = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (nodes.length === 0 && cluster === 'registered') issue(['nodes'], 'must name at least one node');
  nodes.forEach(({ name, address }, index) => {
    if (nodes.findIndex((other) => other.name === name) < index)
      issue(['nodes', index, 'name'], `"${name}" is used twice`);
    if (address === undefined || agent.tls || isLocalTarget(address)) return;
    issue(
      ['nodes', index, 'address'],
      `${address} is reached over the network, where whoever listens could take it over: set agent.tls {ca, cert, key}`,
    );
  });
  const { host } = kubernetes.pods.agents;
  if (host !== undefined && !agent.tls && !isLocalTarget(`${host}:1`)) {
    issue(
      ['kubernetes', 'pods', 'agents', 'host'],
      `agents at ${host} are reached over the network, where whoever listens could take them over: set agent.tls {ca, cert, key}`,
    );
  }
  const listening = new Set(nodes.map(({ address }) => address));
  nodes.forEach((node, index) => {
    const relay = relayOf(node, agent.tls);
    if (relay === undefined) return;
    const at = `${relay.host}:${relay.port}`;
    if (listening.has(at) || relay.port > 65535) {
      issue(['nodes', index, 'relay'], `${at} is no port that its relay could have: name another, relay: host:port`);
    }
    listening.add(at);
  });
  const regions = [...nodes.map(({ region }) => region), ...(gateway.region === undefined ? [] : [gateway.region])];
  for (const { path: where, message } of networkProblems(network, regions)) issue(where.split('.'), message);
});

export type Config = Omit<z.infer<typeof configSchema>, 'runDir'> & { readonly runDir: string };
export type ConfigInput = z.input<typeof configSchema>;

/**
 * Defaults < YAML file (`PRESAGE_CONFIG` or `presage.yaml` in the working folder) < environment
 * (`PRESAGE__GATEWAY__PORT=9000`) < `overrides`. @throws PlatformError invalid_argument with all problems at once
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, overrides: ConfigInput = {}): Config {
  const file = env['PRESAGE_CONFIG'] ?? (existsSync('presage.yaml') ? 'presage.yaml' : undefined);
  const merged = deepMerge(deepMerge(fromFile(file), fromEnvironment(env, sections)), overrides);
  const none = merged['cluster'] === 'kubernetes' ? { nodes: [] } : {};
  const result = configSchema.safeParse(deepMerge(deepMerge(decisionPrices(merged), none), merged));
  if (!result.success) {
    const problems = problemsOf(result.error);
    const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
    throw new PlatformError('invalid_argument', `The configuration has ${problems.length} problem(s): ${lines}`, {
      problems,
    });
  }
  const dataDir = path.resolve(result.data.dataDir);
  return { ...result.data, dataDir, runDir: path.resolve(result.data.runDir ?? defaultRunDir(dataDir)) };
}

/** Unix socket paths end at 107 characters, so the run folder is short whatever the data folder is called. */
function defaultRunDir(dataDir: string): string {
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  const root = process.getuid?.() === 0 ? '/run/presage' : path.join(tmpdir(), `presage-${process.getuid?.() ?? 0}`);
  return path.join(root, id);
}

/** Days for which records are kept. */
export function retentionDays({ retention }: Config): RetentionDays {
  return {
    invocations: retention.invocationDays,
    logs: retention.logDays,
    events: retention.eventDays,
    audit: retention.auditDays,
    forecasts: retention.forecastDays,
    decisions: retention.decisionDays,
    ledger: retention.ledgerDays,
  };
}

/** Where the gateway, and with it the image store, stands. */
export function gatewayRegion({ gateway, nodes }: Config): string {
  return gateway.region ?? nodes[0]?.region ?? 'local';
}

/** gRPC target of a node's agent. */
export function agentAddress(
  config: Config,
  node: { readonly name: string; readonly address?: string | undefined },
): string {
  return node.address ?? `unix:${path.join(config.runDir, `agent-${node.name}.sock`)}`;
}
