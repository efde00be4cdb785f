import { checkpointMoment, parseManifest } from '../../../core/function/manifest';
import { isPlatformError, type PlatformError } from '../../../core/error/platform-error';

const minimal = {
  apiVersion: 'presage.dev/v1',
  kind: 'Function',
  metadata: { name: 'hello' },
  spec: { runtime: 'nodejs', handler: 'index.handler' },
};

function refusal(value: unknown): PlatformError {
  try {
    parseManifest(value);
  } catch (error) {
    if (isPlatformError(error)) return error;
    throw error;
  }
  throw new Error('the manifest was accepted');
}

test('three lines are enough, the rest has defaults', () => {
  const { spec } = parseManifest(minimal);
  expect(spec).toMatchObject({
    concurrency: 1,
    network: 'egress',
    scale: { min: 0, max: 20 },
    resources: { memory: '256Mi' },
    public: false,
  });
});

test('all problems come at once, each with its path', () => {
  const error = refusal({
    ...minimal,
    metadata: { name: 'Not A Name' },
    spec: {
      runtime: 'nodejs',
      env: { PORT: '1' },
      resources: { memory: 'lots' },
      scale: { min: 5, max: 2 },
      colour: 'red',
    },
  });
  expect(error.code).toBe('invalid_manifest');
  const paths = error.problems.map((problem) => problem.path);
  for (const path of ['metadata.name', 'spec.resources.memory', 'spec.handler']) expect(paths).toContain(path);
  expect(error.message).toContain('colour');
});

test.each([
  [{ runtime: 'http' }, 'command'],
  [{ runtime: 'http', command: ['./server'], handler: 'index.handler' }, 'no handler'],
  [{ runtime: 'python', handler: 'main.handler', command: ['x'] }, 'only runtime http'],
  [{ runtime: 'nodejs', handler: 'index' }, 'FILE.EXPORT'],
  [{ runtime: 'nodejs', handler: 'index.handler', timeouts: { start: 'soon' } }, 'duration'],
  [{ runtime: 'nodejs', handler: 'index.handler', env: { LD_PRELOAD: '/x' } }, 'set by the platform'],
])('refuses %j', (spec, words) => {
  expect(refusal({ ...minimal, spec }).message).toContain(words);
});

test.each([null, 1, 'text', [], {}])('refuses %j without a crash', (value) => {
  expect(refusal(value).problems.length).toBeGreaterThan(0);
});

test('a checkpoint is made at deploy where warm-up requests say what is typical, else after the first request', () => {
  const withWarmUp = parseManifest({ ...minimal, spec: { ...minimal.spec, checkpoint: { warmUp: [{ path: '/' }] } } });
  const http = parseManifest({ ...minimal, spec: { runtime: 'http', command: ['./server'] } });
  expect([withWarmUp, parseManifest(minimal), http].map(checkpointMoment)).toEqual([
    'deploy',
    'first-request',
    'never',
  ]);
});

test('a function cannot reserve more places than it uses', () => {
  const withScale = (scale: object) => ({ ...minimal, spec: { ...minimal.spec, concurrency: 2, scale } });
  expect(parseManifest(withScale({ max: 5, reserved: 10 })).spec.scale.reserved).toBe(10);
  for (const scale of [
    { max: 5, reserved: 11 },
    { max: 5, maxInFlight: 3, reserved: 4 },
  ]) {
    expect(refusal(withScale(scale)).problems.map(({ path }) => path)).toEqual(['spec.scale.reserved']);
  }
});
