import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import type { SandboxDriver, SandboxSpec } from '../sandbox';

const FILE = 'self-test.json';

/** What a tiny process went through, and what stopped it. */
export interface SelfTestVerdict {
  readonly isolation: boolean;
  readonly pause: boolean;
  readonly checkpoint: boolean;
  readonly restore: boolean;
  readonly reasons: readonly string[];
}

type Operations = Pick<SandboxDriver, 'create' | 'start' | 'pause' | 'resume' | 'checkpoint' | 'restore' | 'destroy'>;

/**
 * Starts, freezes, thaws, dumps and restores a process that sleeps. A good verdict is kept beside the run folder's
 * other files for as long as `key` stays the same; a bad one is tried anew each time.
 */
export async function selfTest(driver: Operations, runDir: string, key: string): Promise<SelfTestVerdict> {
  const file = path.join(runDir, FILE);
  if (isGood(file, key)) return { isolation: true, pause: true, checkpoint: true, restore: true, reasons: [] };
  const done = { isolation: false, pause: false, checkpoint: false, restore: false };
  const folder = path.join(runDir, 'self-test');
  const image = path.join(folder, 'image');
  const code = path.join(folder, 'code');
  const ids = ['template', 'clone'].map((name) => `t${Date.now().toString(36)}${name}`);
  const [template = '', clone = ''] = ids;
  let reason: string | undefined;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(code, { recursive: true });
    await driver.create(sleeper(template, code));
    await driver.start(template);
    done.isolation = true;
    await driver.pause(template);
    await driver.resume(template);
    done.pause = true;
    await driver.checkpoint(template, image);
    done.checkpoint = true;
    await driver.restore(sleeper(clone, code), image);
    done.restore = true;
  } catch (error) {
    reason = `The self-test failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  for (const id of ids) await driver.destroy(id).catch((error: unknown) => (reason ??= String(error)));
  await rm(folder, { recursive: true, force: true });
  if (reason === undefined) await writeFile(file, JSON.stringify({ key }));
  return { ...done, reasons: reason === undefined ? [] : [reason] };
}

function isGood(file: string, key: string): boolean {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { key?: string }).key === key;
  } catch {
    return false;
  }
}

function sleeper(id: string, codeDir: string): SandboxSpec {
  const run: RunSpec = {
    tenant: 'presage',
    function: 'self-test',
    functionId: 'self-test',
    revisionId: 'self-test',
    revision: 1,
    runtime: 'http',
    handler: null,
    command: ['/usr/bin/sleep', '1000'],
    codeDigest: 'sha256:none',
    codeKind: 'layer',
    env: {},
    secretEnv: {},
    limits: { memoryBytes: 64 * 1024 * 1024, cpuMillis: 1000, pids: 16 },
    timeouts: { startMs: 10_000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 10_000 },
    concurrency: 1,
    scale: { min: 0, max: 1, keepAliveMs: 0 },
    network: 'none',
    healthPath: null,
    checkpoint: { when: 'never', mapPages: true, warmUp: [] },
  };
  return { id, run, codeDir };
}
