import { wantedFunction } from '../../../core/kubernetes/function-object';

const metadata = {
  name: 'hello',
  namespace: 'acme',
  uid: 'u',
  generation: 1,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const object = (spec: unknown, more: object = {}) =>
  wantedFunction({ apiVersion: 'presage.dev/v1', kind: 'Function', metadata: { ...metadata, ...more }, spec });
const code = { files: { 'index.js': '' } };

test('an object is a manifest and where its code is; what tools note of themselves is left out', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'meta.helm.sh/release-name': 'r',
    mine: 'x',
  };
  const read = object({ runtime: 'nodejs', handler: 'index.handler', code }, { labels: { a: 'b' }, annotations });
  expect(read).toMatchObject({
    wanted: {
      code,
      manifest: { metadata: { name: 'hello', labels: { a: 'b' }, annotations: { mine: 'x' } }, spec: { source: '.' } },
    },
  });
  expect('wanted' in read && Object.keys(read.wanted.manifest.metadata.annotations)).toEqual(['mine']);
  expect('wanted' in read && 'code' in read.wanted.manifest.spec).toBe(false);
});

const digest = `sha256:${'0'.repeat(64)}`;
test.each<[string, unknown, string[]]>([
  ['no code', { runtime: 'nodejs', handler: 'a.b' }, ['spec.code']],
  ['two sorts of code', { runtime: 'nodejs', handler: 'a.b', code: { ...code, digest } }, ['spec.code']],
  ['what is no digest', { runtime: 'nodejs', handler: 'a.b', code: { digest: 'sha256:1' } }, ['spec.code.digest']],
  ['a file outside', { runtime: 'nodejs', handler: 'a.b', code: { files: { '../x': '' } } }, ['spec.code.files.../x']],
  [
    'all at once',
    { runtime: 'nodejs', scale: { min: 3, max: 1 }, nosuch: 1 },
    ['spec', 'spec.handler', 'spec.scale.min', 'spec.code'],
  ],
  ['nothing', undefined, ['spec.runtime', 'spec.code']],
])('%s is told', (_, spec, paths) => {
  const read = object(spec);
  expect('problems' in read && read.problems.map(({ path }) => path)).toEqual(paths);
});
