import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection, type ScheduleHandle } from '@temporalio/client';
import { assetPath } from '../../drivers/asset-path';
import { loadConfig, type Config } from '../../workers/config';

/** A platform of the bench's own: the processes that users run, on free ports and in a folder that goes away. */
export interface PrivatePlatform {
  readonly url: string;
  readonly apiKey: string;
  readonly dataDir: string;
  /** What its processes read, ports included. */
  readonly config: Config;
  /** No targets from the minute's schedule: a measurement that needs pools empty would find them filled. */
  pauseWarmPools(): Promise<void>;
  /** What a schedule starts, now and not at its next time; it goes on as ever. */
  runNow(scheduleId: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts one and waits until it is ready.
 * @param settings environment in the form `PRESAGE__AGENT__LINGER`
 * @param parent of its data folder
 */
export async function startPlatform(
  settings: Readonly<Record<string, string>>,
  parent = tmpdir(),
): Promise<PrivatePlatform> {
  const dataDir = mkdtempSync(path.join(parent, 'presage-bench-'));
  const [gateway, postgres, temporal, ui] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const env = {
    ...process.env,
    PRESAGE__GATEWAY__PORT: `${gateway}`,
    PRESAGE__POSTGRES__PORT: `${postgres}`,
    PRESAGE__TEMPORAL__PORT: `${temporal}`,
    PRESAGE__TEMPORAL__UIPORT: `${ui}`,
    ...settings,
  };
  const script = assetPath('bin/start.js');
  const run = (...args: string[]): Promise<number | null> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, '--data-dir', dataDir, ...args], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      child.once('error', reject);
      child.once('exit', resolve);
    });
  const code = await run('--detach', '--no-examples');
  if (code !== 0)
    throw new Error(`The platform for the bench did not start (exit status ${code}); its logs are in ${dataDir}/logs`);
  const { url, apiKey } = JSON.parse(readFileSync(path.join(dataDir, 'client.json'), 'utf8')) as {
    url: string;
    apiKey: string;
  };
  const scheduled = async (id: string, act: (schedule: ScheduleHandle) => Promise<void>): Promise<void> => {
    const connection = await Connection.connect({ address: `127.0.0.1:${temporal}` });
    await act(new Client({ connection }).schedule.getHandle(id));
    await connection.close();
  };
  return {
    url,
    apiKey,
    dataDir,
    config: loadConfig(env, { dataDir }),
    pauseWarmPools: () => scheduled('warm-pools', (schedule) => schedule.pause()),
    runNow: (scheduleId) => scheduled(scheduleId, (schedule) => schedule.trigger()),
    stop: async () => {
      await run('--stop');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A TCP port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
