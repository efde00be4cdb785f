import { parseManifest } from '../../../core/function/manifest';
import { runSpecSchema } from '../../../core/function/run-spec';
import { runSpecOf } from '../../../core/function/run-spec-of';

function revisionWith(spec: Record<string, unknown>) {
  return {
    id: 'r-1',
    number: 3,
    functionId: 'f-1',
    tenant: 'acme',
    function: 'shop',
    codeDigest: `sha256:${'a'.repeat(64)}`,
    codeKind: 'layer' as const,
    manifest: parseManifest({
      apiVersion: 'presage.dev/v1',
      kind: 'Function',
      metadata: { name: 'shop' },
      spec: { runtime: 'nodejs', handler: 'index.handler', ...spec },
    }),
  };
}

test('resolves units and defaults', () => {
  const spec = runSpecOf(revisionWith({ resources: { memory: '128Mi', cpu: '250m' }, timeouts: { total: '1m30s' } }));
  expect(runSpecSchema.parse(spec)).toEqual(spec);
  expect(spec.limits).toEqual({ memoryBytes: 128 * 2 ** 20, cpuMillis: 250, pids: 128 });
  expect(spec.timeouts).toEqual({ startMs: 30_000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 90_000 });
  expect(spec.checkpoint.when).toBe('first-request');
  expect(spec).toMatchObject({ revision: 3, revisionId: 'r-1', command: null, healthPath: null });
});

test('puts secrets beside the plain environment', () => {
  const revision = revisionWith({ env: { MODE: 'x' }, secrets: [{ name: 'db', env: 'DB_URL' }] });
  const spec = runSpecOf(revision, new Map([['db', 'postgres://p']]));
  expect(spec.env).toEqual({ MODE: 'x' });
  expect(spec.secretEnv).toEqual({ DB_URL: 'postgres://p' });
});

test('names a secret that is not set', () => {
  const revision = revisionWith({ secrets: [{ name: 'db', env: 'DB_URL' }] });
  expect(() => runSpecOf(revision)).toThrow(
    expect.objectContaining({ code: 'start_failed', message: expect.stringContaining('"db"') }),
  );
});
