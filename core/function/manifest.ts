import { z } from 'zod';
import { PlatformError, type Problem } from '../error/platform-error';
import { asyncProblems, asyncSpecSchema } from './async-spec';
import { ISOLATIONS } from './isolation';
import { nameSchema } from './name-schema';
import { CPU, MEMORY, parseCpu, parseMemory } from './quantity';
import { checkedBy, durationSchema } from './quantity-schema';
import { triggerSpecsSchema } from './trigger-spec';

const memory = z.coerce.string().superRefine(checkedBy(parseMemory)).meta({ pattern: MEMORY.source });
const cpu = z.coerce.string().superRefine(checkedBy(parseCpu)).meta({ pattern: CPU.source });
const duration = durationSchema;

export { nameSchema };

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and "_", not starting with a digit');
/** Names the platform sets itself. */
const RESERVED_ENV = /^(PRESAGE_.*|PORT|PATH|HOME|LD_PRELOAD|LD_LIBRARY_PATH|NODE_OPTIONS)$/;

export const TIERS = ['edge', 'regional', 'central'] as const;
export type Tier = (typeof TIERS)[number];

const warmUpRequest = z.strictObject({
  method: z.string().default('GET'),
  path: z.string().startsWith('/').default('/'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  times: z.number().int().min(1).max(100).default(1),
});

const specSchema = z
  .strictObject({
    runtime: z
      .enum(['nodejs', 'python', 'http'])
      .describe('nodejs and python serve a handler; http is any server on $PORT or $PRESAGE_SOCKET'),
    handler: z
      .string()
      .regex(/^[\w./-]+\.[A-Za-z_$][\w$]*$/, 'must be FILE.EXPORT, e.g. index.handler')
      .optional(),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('runtime http only: the program and its arguments, in the code folder'),
    source: z.string().default('.').describe('folder with the code, relative to function.yaml'),
    image: z.string().optional().describe('an OCI image layout (folder or tar), instead of source'),
    env: z.record(envName, z.coerce.string()).default({}),
    secrets: z.array(z.strictObject({ name: nameSchema, env: envName })).default([]),
    resources: z
      .strictObject({
        memory: memory.default('256Mi'),
        cpu: cpu.default('1'),
        pids: z.number().int().min(8).max(4096).default(128),
      })
      .prefault({}),
    timeouts: z
      .strictObject({
        start: duration.default('30s').describe('from the first wish for an instance to its readiness'),
        firstByte: duration.default('30s'),
        idle: duration.default('60s').describe('no byte in either direction'),
        total: duration.default('5m'),
      })
      .prefault({}),
    concurrency: z.number().int().min(1).max(1000).default(1).describe('requests one instance serves at once'),
    scale: z
      .strictObject({
        min: z.number().int().min(0).max(1000).default(0),
        max: z.number().int().min(1).max(1000).default(20),
        keepAlive: duration
          .default('10m')
          .describe('how long an idle instance stays frozen where no policy says otherwise'),
        maxInFlight: z
          .number()
          .int()
          .min(1)
          .optional()
          .describe(
            'requests passed on at once, by all gateways together where they share a Redis, else by each; the others wait. Default: max × concurrency, by each',
          ),
        reserved: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe('of the tenant’s places in a gateway, those that its other functions leave free for this one'),
      })
      .prefault({}),
    warmWindows: z
      .array(
        z.strictObject({
          cron: z.string(),
          duration,
          instances: z.number().int().min(1),
          timeZone: z.string().default('UTC'),
        }),
      )
      .default([]),
    checkpoint: z
      .strictObject({
        when: z
          .enum(['deploy', 'first-request', 'never'])
          .optional()
          .describe('default: deploy where warmUp requests are given, else first-request; never for runtime http'),
        warmUp: z.array(warmUpRequest).max(20).default([]).describe('requests sent before the checkpoint is made'),
        mapPages: z
          .boolean()
          .default(true)
          .describe('false for programs whose allocator relies on zeroed pages after MADV_DONTNEED'),
      })
      .prefault({}),
    health: z.strictObject({ path: z.string().startsWith('/') }).optional(),
    network: z.enum(['none', 'egress']).default('egress'),
    isolation: z
      .enum(ISOLATIONS)
      .default('agent')
      .describe('who shuts its instances in: an agent on the node (fastest), or Kubernetes, as pods'),
    sla: z
      .strictObject({ latencyMs: z.number().positive(), percentile: z.number().gt(0).lt(100).default(99) })
      .optional(),
    tier: z
      .strictObject({
        prefer: z.enum(TIERS).optional(),
        allow: z
          .array(z.enum(TIERS))
          .min(1)
          .default([...TIERS]),
      })
      .prefault({}),
    placement: z
      .strictObject({
        regions: z
          .array(nameSchema)
          .min(1)
          .optional()
          .describe('residency: only nodes of these regions may hold it; default: all'),
        maxReplicas: z
          .number()
          .int()
          .min(1)
          .max(16)
          .optional()
          .describe('nodes that may hold it at once, each in another region; default: 3 where an sla is given, else 1'),
      })
      .optional(),
    data: z
      .array(
        z.strictObject({
          name: nameSchema,
          region: z.string().min(1),
          bytesPerCall: z.number().int().min(0).default(0),
        }),
      )
      .default([]),
    public: z.boolean().default(false).describe('true: invocations need no API key'),
    critical: z.boolean().default(false),
    async: asyncSpecSchema,
    triggers: triggerSpecsSchema.describe('times and URLs that invoke the function'),
  })
  .superRefine((spec, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (spec.runtime === 'http') {
      if (!spec.command && !spec.image) issue(['command'], 'runtime http needs a command, or an image that has one');
      if (spec.handler) issue(['handler'], 'runtime http has no handler; remove it or choose runtime nodejs or python');
    } else {
      if (!spec.handler)
        issue(
          ['handler'],
          `runtime ${spec.runtime} needs a handler, e.g. ${spec.runtime === 'python' ? 'main.handler' : 'index.handler'}`,
        );
      if (spec.command) issue(['command'], 'only runtime http takes a command');
    }
    for (const { path, message } of asyncProblems(spec)) issue(path, message);
    if (spec.scale.min > spec.scale.max)
      issue(['scale', 'min'], `min ${spec.scale.min} is above max ${spec.scale.max}`);
    const { maxInFlight = spec.scale.max * spec.concurrency, reserved = 0 } = spec.scale;
    if (reserved > maxInFlight)
      issue(['scale', 'reserved'], `${reserved} places are reserved, but the function uses ${maxInFlight} at most`);
    for (const name of [...Object.keys(spec.env), ...spec.secrets.map((secret) => secret.env)]) {
      if (RESERVED_ENV.test(name)) issue(['env', name], 'is set by the platform; choose another name');
    }
  });

/** What a `function.yaml` says. The JSON Schema, the OpenAPI document and the docs are made from this. */
export const manifestSchema = z.strictObject({
  apiVersion: z.literal('presage.dev/v1'),
  kind: z.literal('Function'),
  metadata: z.strictObject({
    name: nameSchema,
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: specSchema,
});

export type Manifest = z.infer<typeof manifestSchema>;
/** A manifest as people write it, defaults left out. */
export type ManifestInput = z.input<typeof manifestSchema>;

/** zod's issues as problems with dotted paths. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.') || '(root)', message: issue.message }));
}

/** Checks and completes a manifest. @throws PlatformError invalid_manifest with every problem at once */
export function parseManifest(value: unknown): Manifest {
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = problemsOf(result.error);
  const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  throw new PlatformError('invalid_manifest', `function.yaml has ${problems.length} problem(s): ${lines}`, {
    problems,
  });
}

/** When a function's checkpoint is to be made, with the default worked out. */
export function checkpointMoment(manifest: Manifest): 'deploy' | 'first-request' | 'never' {
  const { when, warmUp } = manifest.spec.checkpoint;
  if (when) return when;
  if (manifest.spec.runtime === 'http') return 'never';
  return warmUp.length > 0 ? 'deploy' : 'first-request';
}
