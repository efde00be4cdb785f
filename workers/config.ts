import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { isLocalTarget } from '../agent/rpc/agent-tls';
import { tenantLimitsSchema } from '../core/admission/limits';
import { ENGINE_NAMES } from '../core/forecast/training/training-engine';
import { PlatformError } from '../core/error/platform-error';
import { nameSchema, problemsOf, TIERS } from '../core/function/manifest';
import { parseDuration, parseMemory } from '../core/function/quantity';
import { warmingSettingsSchema } from '../core/warming/warming-settings';
import type { RetentionDays } from '../drivers/store/store';
import { issuerSchema } from '../gateway/auth/oidc/issuer-settings';

const port = z.coerce.number().int().min(1).max(65535);
const duration = z.string().transform((text, context) => parsed(parseDuration, text, context));
const memory = z.coerce.string().transform((text, context) => parsed(parseMemory, text, context));

function parsed(parse: (text: string) => number, text: string, context: z.RefinementCtx): number {
  try {
    return parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
}

const nodeSchema = z.strictObject({
  name: nameSchema,
  tier: z.enum(TIERS).default('central'),
  /** gRPC target of its agent; default: a Unix socket in the run folder. */
  address: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

/** One schema for all processes: each reads its own section and the shared ones. Durations become milliseconds, sizes bytes. */
const sections = z.strictObject({
  /** State that must survive: PostgreSQL, Temporal, images, keys, logs. */
  dataDir: z.string().default('.presage'),
  /** Sockets, instance folders, raw checkpoint images: short path, may be lost at a reboot. Default: derived from dataDir. */
  runDir: z.string().optional(),
  log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  gateway: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8080),
      /** Gateway processes that share the port; a machine with many cores serves more with more. */
      processes: z.coerce.number().int().min(1).max(64).default(1),
      maxBody: memory.prefault('100Mi'),
      maxCode: memory.prefault('250Mi'),
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
  temporal: z
    .strictObject({
      /** A server of your own; without it `npm start` runs the development server. */
      address: z.string().optional(),
      namespace: z.string().default('default'),
      taskQueue: z.string().default('presage-control'),
      port: port.default(7233),
      uiPort: port.default(8233),
    })
    .prefault({}),
  nodes: z
    .array(nodeSchema)
    .min(1)
    .prefault([{ name: 'local' }]),
  agent: z
    .strictObject({
      sandbox: z.enum(['auto', 'runc', 'process', 'simulated']).default('auto'),
      /** Memory that instances may be promised in all; default three quarters of the machine's. */
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
      /** Files in PEM with which agents at `host:port`, and those who call them, know each other. */
      tls: z.strictObject({ ca: z.string(), cert: z.string(), key: z.string() }).optional(),
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
      /** Forecast models that are not in use, with what a roll back to them needs. */
      forecastModelDays: z.coerce.number().int().min(1).default(30),
      /** Checkpoints of revisions that nothing points at. */
      checkpoints: duration.prefault('24h'),
    })
    .prefault({}),
});

export const configSchema = sections.superRefine(({ nodes, agent }, context) => {
  nodes.forEach(({ address }, index) => {
    if (address === undefined || agent.tls || isLocalTarget(address)) return;
    const message = `${address} is reached over the network, where whoever listens could take it over: set agent.tls {ca, cert, key}`;
    context.addIssue({ code: 'custom', path: ['nodes', index, 'address'], message });
  });
});

export type Config = Omit<z.infer<typeof configSchema>, 'runDir'> & { readonly runDir: string };
export type ConfigInput = z.input<typeof configSchema>;

/**
 * Defaults < YAML file (`PRESAGE_CONFIG` or `presage.yaml` in the working folder) < environment
 * (`PRESAGE__GATEWAY__PORT=9000`) < `overrides`. @throws PlatformError invalid_argument with all problems at once
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, overrides: ConfigInput = {}): Config {
  const file = env['PRESAGE_CONFIG'] ?? (existsSync('presage.yaml') ? 'presage.yaml' : undefined);
  const merged = deepMerge(deepMerge(fromFile(file), fromEnvironment(env)), overrides);
  const result = configSchema.safeParse(merged);
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
  };
}

/** gRPC target of a node's agent. */
export function agentAddress(
  config: Config,
  node: { readonly name: string; readonly address?: string | undefined },
): string {
  return node.address ?? `unix:${path.join(config.runDir, `agent-${node.name}.sock`)}`;
}

function fromFile(file: string | undefined): Record<string, unknown> {
  if (!file) return {};
  try {
    const value: unknown = parseYaml(readFileSync(file, 'utf8'));
    if (value === null || value === undefined) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it is not a mapping of settings');
  } catch (error) {
    throw new PlatformError(
      'invalid_argument',
      `The configuration file ${file} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** `PRESAGE__A__B=x` is {a: {b: x}}; names match the schema's keys without regard to case; values in JSON where they parse as arrays or objects. */
function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PRESAGE__') || text === undefined) continue;
    const words = name.slice('PRESAGE__'.length).split('__');
    let schema: unknown = sections;
    let target = out;
    words.forEach((word, index) => {
      const shape = shapeOf(schema);
      const key = Object.keys(shape).find((candidate) => candidate.toLowerCase() === word.toLowerCase()) ?? word;
      schema = shape[key];
      if (index === words.length - 1) target[key] = /^\s*[[{]/.test(text) ? (JSON.parse(text) as unknown) : text;
      else target = (target[key] ??= {}) as Record<string, unknown>;
    });
  }
  return out;
}

function shapeOf(schema: unknown): Record<string, unknown> {
  let current = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (current && !current.shape && current.def?.innerType) current = current.def.innerType;
  return current?.shape ?? {};
}

function deepMerge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const out = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const old = out[key];
    out[key] = isRecord(old) && isRecord(value) ? deepMerge(old, value) : value;
  }
  return out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
