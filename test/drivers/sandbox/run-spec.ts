import type { RunSpec } from '../../../core/function/run-spec';

/** A run spec for tests. */
export function testRunSpec(runtime: RunSpec['runtime'], change: Partial<RunSpec> = {}): RunSpec {
  const handler = { nodejs: 'index.handler', python: 'main.handler', http: null }[runtime];
  return {
    tenant: 'default',
    function: 'sample',
    functionId: 'fn-1',
    revisionId: 'rev-1',
    revision: 1,
    runtime,
    handler,
    command: null,
    codeDigest: `sha256:${'0'.repeat(64)}`,
    codeKind: 'layer',
    env: { GREETING: 'hello' },
    secretEnv: {},
    limits: { memoryBytes: 256 * 2 ** 20, cpuMillis: 1000, pids: 128 },
    timeouts: { startMs: 30_000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 300_000 },
    concurrency: 1,
    scale: { min: 0, max: 10, keepAliveMs: 600_000 },
    network: 'none',
    healthPath: null,
    checkpoint: { when: 'never', mapPages: true, warmUp: [] },
    ...change,
  };
}
