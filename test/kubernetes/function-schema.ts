import fc from 'fast-check';
import { FUNCTIONS } from '../../core/kubernetes/custom-resources';
import { wantedFunction } from '../../core/kubernetes/function-object';
import { isPlatformError } from '../../core/error/platform-error';
import type { KubernetesApi } from '../../drivers/kubernetes/kubernetes-api';
import { applyDefinitions } from './support/custom-resources';
import type { SharedKubernetes } from './support/shared-kubernetes';

interface Made {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

/** What the API server says of an object that it is to check and not to keep; unknown fields are refused, as kubectl wants them. */
async function serverSays(
  api: KubernetesApi,
  object: Made,
): Promise<{ readonly accepted: boolean; readonly text: string }> {
  const path = `/apis/presage.dev/${FUNCTIONS.version}/namespaces/${object.metadata.namespace}/functions?dryRun=All&fieldValidation=Strict`;
  try {
    await api.raw({ method: 'POST', path, body: object, verb: 'create', resource: 'functions' });
    return { accepted: true, text: '' };
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'invalid_argument') throw error;
    return { accepted: false, text: error.message };
  }
}

const metadata = { uid: 'u', generation: 1, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
function weSay(object: Made): readonly { readonly path: string; readonly message: string }[] {
  const read = wantedFunction({ ...object, metadata: { ...object.metadata, ...metadata } });
  return 'problems' in read ? read.problems : [];
}

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] });
const name = fc.constantFrom('a', 'my-fn', 'x'.repeat(63));
const duration = fc.constantFrom('500ms', '30s', '5m', '1h30m', '2d');
const path = fc.constantFrom('/', '/a?b=c', `/${'p'.repeat(50)}`);
const unique = { selector: (trigger: { name: string }) => trigger.name, maxLength: 3 };

const trigger = fc.oneof(
  fc.record({ name, cron: fc.constantFrom('* * * * *', '0 8 * * mon-fri'), body: some(fc.string({ maxLength: 20 })) }),
  fc.record({ name, webhook: record({ secret: name, signatureHeader: fc.constant('x-signature') }) }),
);
const common = record({
  env: fc.dictionary(
    fc.constantFrom('A', 'B_1', '_c'),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(0.5)),
  ),
  secrets: fc.array(fc.record({ name, env: fc.constantFrom('TOKEN', 'KEY') }), { maxLength: 2 }),
  resources: record({
    memory: fc.constantFrom('128Mi', '1G', 1_048_576, '0.5Gi'),
    cpu: fc.constantFrom('250m', 2, 0.5, '1.5'),
    pids: fc.integer({ min: 8, max: 4096 }),
  }),
  timeouts: record({
    start: fc.constantFrom('500ms', '30s', '1h30m'),
    firstByte: duration,
    idle: duration,
    total: fc.constantFrom('5m', '1h'),
  }),
  concurrency: fc.integer({ min: 1, max: 1000 }),
  scale: record({
    min: fc.integer({ min: 0, max: 5 }),
    max: fc.integer({ min: 5, max: 1000 }),
    keepAlive: duration,
    maxInFlight: fc.integer({ min: 10, max: 100 }),
    reserved: fc.integer({ min: 0, max: 5 }),
  }),
  warmWindows: fc.array(fc.record({ cron: fc.constant('0 8 * * *'), duration, instances: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }), // prettier-ignore
  checkpoint: record({
    when: fc.constantFrom('deploy', 'first-request', 'never'),
    warmUp: fc.array(record({ method: fc.constant('POST'), path, body: fc.string(), times: fc.integer({ min: 1, max: 100 }) }), { maxLength: 3 }), // prettier-ignore
    mapPages: fc.boolean(),
  }),
  health: fc.record({ path }),
  network: fc.constantFrom('none', 'egress'),
  sla: fc.record({ latencyMs: fc.constantFrom(1, 0.5, 200), percentile: fc.constantFrom(50, 99.9, 0.1) }),
  tier: record({
    prefer: fc.constantFrom('edge', 'central'),
    allow: fc.constantFrom(['edge'], ['regional', 'central']),
  }),
  placement: record({ regions: fc.constantFrom(['eu'], ['eu', 'us']), maxReplicas: fc.integer({ min: 1, max: 16 }) }),
  data: fc.array(fc.record({ name, region: fc.constant('eu'), bytesPerCall: fc.integer({ min: 0, max: 1e9 }) }), { maxLength: 2 }), // prettier-ignore
  public: fc.boolean(),
  critical: fc.boolean(),
  async: record({ enabled: fc.constant(true), retries: fc.integer({ min: 0, max: 100 }), maxAge: duration, onFailure: fc.record({ function: name }) }), // prettier-ignore
  triggers: fc.uniqueArray(trigger, unique),
});
const code = fc.oneof(
  fc.record({ digest: fc.constant(`sha256:${'a1'.repeat(32)}`) }),
  fc.record({ configMap: fc.record({ name: fc.constantFrom('a', 'a.b-c') }) }),
  fc.record({ files: fc.dictionary(fc.constantFrom('index.js', 'lib/a.js'), fc.string()) }),
);
const program = fc.oneof(
  fc.record({ runtime: fc.constantFrom('nodejs', 'python'), handler: fc.constantFrom('index.handler', 'lib/a.b.$c') }),
  fc.record({ runtime: fc.constant('http'), command: fc.constantFrom(['./server'], ['a', '--b']) }),
  fc.record({ runtime: fc.constant('http'), image: fc.constant('image.tar') }),
);
const valid: fc.Arbitrary<Made> = fc.tuple(name, common, code, program).map(([own, rest, where, what]) => ({
  apiVersion: 'presage.dev/v1',
  kind: 'Function',
  metadata: { name: own, namespace: 'default' },
  // As it goes over the wire: what is undefined is not there.
  spec: JSON.parse(JSON.stringify({ ...rest, ...what, code: where })) as object,
}));

/** What may be wrong with an object, by the path that it is put at. */
const faults: readonly (readonly [path: string, value: unknown])[] = [
  ['metadata.name', 'Upper'],
  ['metadata.name', 'with.dot'],
  ['spec.runtime', 'ruby'],
  ['spec.runtime', undefined],
  ['spec.handler', 'no handler'],
  ['spec.command', []],
  ['spec.command', [3]],
  ['spec.nosuch', 1],
  ['spec.env', { A: 'x', PORT: '1' }],
  ['spec.env', { '9': 'x' }],
  ['spec.env', 'text'],
  ['spec.secrets', [{ name: 'a' }]],
  ['spec.secrets', [{ name: 'a', env: 'PATH' }]],
  ['spec.resources', { memory: '12 potatoes' }],
  ['spec.resources', { cpu: 'many' }],
  ['spec.resources', { cpu: -1 }],
  ['spec.resources', { pids: 7 }],
  ['spec.resources', { pids: 9.5 }],
  ['spec.timeouts', { total: '5x' }],
  ['spec.timeouts', { start: '3h', total: '2h' }],
  ['spec.concurrency', 0],
  ['spec.scale', { min: 9, max: 3 }],
  ['spec.scale', { max: 1, reserved: 5000 }],
  ['spec.scale', { keepAlive: 5 }],
  ['spec.warmWindows', [{ cron: 'often', duration: '5m', instances: 1, timeZone: 'Mars' }]],
  ['spec.checkpoint', { when: 'later' }],
  ['spec.checkpoint', { warmUp: [{ path: 'relative' }] }],
  ['spec.health', {}],
  ['spec.network', 'all'],
  ['spec.sla', { latencyMs: 0 }],
  ['spec.sla', { latencyMs: 5, percentile: 100 }],
  ['spec.tier', { allow: [] }],
  ['spec.placement', { regions: ['Not A Region'] }],
  ['spec.async', { enabled: false }],
  ['spec.async', { backoff: { first: '10m', max: '1m' } }],
  ['spec.triggers', [{ name: 'a' }]],
  ['spec.triggers', [{ name: 'a', cron: '* * * * *', webhook: {} }]],
  ['spec.triggers', [{ name: 'a', cron: '61 * * * *' }]],
  ['spec.triggers', [{ name: 'a', cron: '* * * * *' }, { name: 'a', webhook: {} }]], // prettier-ignore
  ['spec.triggers', [{ name: 'a', webhook: {}, body: 'x' }]],
  ['spec.triggers', [{ name: 'a', webhook: {}, path: 'no slash' }]],
  ['spec.code', undefined],
  ['spec.code', {}],
  ['spec.code', { digest: 'sha256:1' }],
  ['spec.code', { digest: `sha256:${'a1'.repeat(32)}`, files: {} }],
  ['spec.code', { files: { '../x': '' } }],
];

function broken(object: Made, [where, value]: (typeof faults)[number]): Made {
  const copy = structuredClone(object) as unknown as Record<string, Record<string, unknown>>;
  const [part = '', field = ''] = where.split('.');
  const inner = copy[part];
  if (inner) inner[field] = value;
  return JSON.parse(JSON.stringify(copy)) as Made;
}

/**
 * What only the controller can tell, in the words of zod's problems: structural schemas have no word for the names of a map, CEL
 * cannot look into what has no type, and no expression of it reads a cron line or the sum of two durations.
 */
const CONTROLLERS_PART: readonly RegExp[] = [
  /^spec\.env\b/,
  /^spec\.(warmWindows|triggers)\.\d+\.(cron|timeZone)$/,
  /^spec\.timeouts\.total$/,
  /^spec\.async\.backoff/,
  /^spec\.resources\.cpu$/,
  /^spec\.code\.files\./,
];

/** The schema of the definitions and that of the manifest refuse the same. */
export function describeFunctionSchema(shared: () => SharedKubernetes): void {
  describe('the schema of Function objects', () => {
    let api: KubernetesApi;

    beforeAll(async () => {
      ({ api } = shared());
      await applyDefinitions(api);
    }, 300_000);

    test('what the manifest’s schema takes, the API server takes', async () => {
      await fc.assert(
        fc.asyncProperty(valid, async (object) => {
          expect(weSay(object)).toEqual([]);
          expect(await serverSays(api, object)).toEqual({ accepted: true, text: '' });
        }),
        { numRuns: 150 },
      );
    });

    test('what it refuses, the API server refuses, but for what only the controller can tell', async () => {
      let told = 0;
      await fc.assert(
        fc.asyncProperty(valid, fc.constantFrom(...faults), async (object, fault) => {
          const made = broken(object, fault);
          const problems = weSay(made);
          const { accepted, text } = await serverSays(api, made);
          if (problems.length === 0) expect([fault, text]).toEqual([fault, '']);
          const ours = problems.filter((problem) => !CONTROLLERS_PART.some((pattern) => pattern.test(problem.path)));
          if (ours.length > 0) expect([fault, ours, accepted]).toEqual([fault, ours, false]);
          else if (problems.length > 0) told += 1;
        }),
        { numRuns: 300 },
      );
      expect(told).toBeGreaterThan(0);
    }, 300_000);
  });
}
