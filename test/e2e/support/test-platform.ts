import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ManifestInput } from '../../../core/function/manifest';
import { assetPath } from '../../../drivers/asset-path';
import { openProbe, type Answer, type Probe } from '../../../bench/harness/http-probe';
import { startPlatform, type PrivatePlatform } from '../../../bench/harness/platform';

const run = promisify(execFile);

/** What tests do with a platform. */
export interface TestClient {
  readonly probe: Probe;
  /** Runs the CLI against it; never throws for an exit status. */
  cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Deploys a function of these files; fails the test when the deploy fails. */
  deploy(name: string, spec: Partial<ManifestInput['spec']>, files: Readonly<Record<string, string>>): Promise<void>;
  invoke(name: string, path?: string, options?: { method?: string; body?: string }): Promise<Answer>;
}

/** A platform for one test file, with a client, and functions written on the spot. */
export interface TestPlatform extends PrivatePlatform, TestClient {}

/** Starts a platform of its own, as a user would, on free ports. */
export async function openTestPlatform(settings: Readonly<Record<string, string>> = {}): Promise<TestPlatform> {
  const platform = await startPlatform(settings);
  const client = testClient(platform);
  return {
    ...platform,
    ...client,
    stop: async () => {
      client.probe.close();
      await platform.stop();
    },
  };
}

/** A client of a platform that runs; close its probe when done. */
export function testClient(platform: Pick<PrivatePlatform, 'url' | 'apiKey'>): TestClient {
  const probe = openProbe(platform.url, platform.apiKey);
  const cli: TestClient['cli'] = async (...args) => {
    const env = { ...process.env, PRESAGE_URL: platform.url, PRESAGE_API_KEY: platform.apiKey, NO_COLOR: '1' };
    try {
      const { stdout, stderr } = await run(process.execPath, [assetPath('bin/presage.js'), ...args], {
        env,
        timeout: 120_000,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const failure = error as { code?: number; stdout?: string; stderr?: string };
      return { code: failure.code ?? 1, stdout: failure.stdout ?? '', stderr: failure.stderr ?? '' };
    }
  };
  return {
    probe,
    cli,
    deploy: async (name, spec, files) => {
      const folder = await writeFunction(name, spec, files);
      const { code, stdout, stderr } = await cli('deploy', folder);
      rmSync(folder, { recursive: true, force: true });
      if (code !== 0) throw new Error(`deploy of ${name} ended with ${code}:\n${stdout}\n${stderr}`);
    },
    invoke: (name, target = '/', options) => probe.send(`/fn/default/${name}${target}`, options),
  };
}

/** A function folder in a temporary place; runtime nodejs and index.handler unless the spec says otherwise. */
export async function writeFunction(
  name: string,
  spec: Partial<ManifestInput['spec']>,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-fn-'));
  const manifest = {
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name },
    spec: { runtime: 'nodejs', handler: 'index.handler', network: 'none', ...spec },
  };
  writeFileSync(path.join(folder, 'function.yaml'), stringify(manifest));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

/** Waits until a condition holds. @throws Error naming what was waited for */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
