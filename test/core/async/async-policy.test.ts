import { asyncPolicyOf } from '../../../core/async/async-policy';
import { parseManifest, type Manifest } from '../../../core/function/manifest';

const manifest = (spec: Record<string, unknown> = {}): Manifest =>
  parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'f' },
    spec: { runtime: 'nodejs', handler: 'index.handler', ...spec },
  });
const problemsOf = (spec: Record<string, unknown>): string[] => {
  try {
    manifest(spec);
    return [];
  } catch (error) {
    return (error as { problems: { path: string; message: string }[] }).problems.map(({ path, message }) => `${path}: ${message}`); // prettier-ignore
  }
};

test('has defaults, also for revisions from before there was such a section', () => {
  const old = manifest();
  const spec: Partial<Manifest['spec']> = { ...old.spec };
  delete spec.async;
  const policy = asyncPolicyOf({ ...old, spec } as Manifest);
  expect(policy).toEqual(asyncPolicyOf(manifest()));
  expect(policy).toMatchObject({ retries: 3, firstBackoffMs: 1_000, maxAgeMs: 21_600_000, resultsForMs: 86_400_000 });
});

test('units are resolved, and a function may take none', () => {
  const own = { retries: 0, maxAge: '1h', resultsFor: '10m', onFailure: { function: 'alarm' } };
  expect(asyncPolicyOf(manifest({ async: own }))).toMatchObject({ retries: 0, maxAgeMs: 3_600_000, onFailure: 'alarm', onSuccess: null }); // prettier-ignore
  expect(asyncPolicyOf(manifest({ async: { enabled: false } }))).toBeNull();
});

test('a try that could outlast its lease is refused at the deploy, unless the function takes none', () => {
  const timeouts = { start: '30s', total: '4h' };
  expect(problemsOf({ timeouts })).toEqual([
    expect.stringMatching(/^spec\.timeouts\.total: .*below 4h.*async\.enabled/),
  ]);
  expect(problemsOf({ timeouts, async: { enabled: false } })).toEqual([]);
  expect(problemsOf({ async: { backoff: { first: '10m', max: '1m' } } })).toEqual([
    expect.stringContaining('spec.async.backoff.first'),
  ]);
});

test('triggers name all that is wrong with them', () => {
  const problems = problemsOf({
    triggers: [
      { name: 'a', cron: '61 * * * *', timeZone: 'Mars/Base' },
      { name: 'a', webhook: {}, body: 'x' },
      { name: 'b' },
      { name: 'c', cron: '* * * * *', webhook: {} },
    ],
  });
  expect(problems.map((line) => line.split(':')[0]).sort()).toEqual([
    'spec.triggers.0.cron',
    'spec.triggers.0.timeZone',
    'spec.triggers.1.body',
    'spec.triggers.1.name',
    'spec.triggers.2.cron',
    'spec.triggers.3.cron',
  ]);
  expect(problemsOf({ triggers: [{ name: 'a', cron: '* * * * *' }], async: { enabled: false } })).toHaveLength(1);
});
