import { spawn } from 'node:child_process';
import { assetPath } from '../../drivers/asset-path';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { openProbe, type Probe } from './http-probe';
import { freePort, type PrivatePlatform } from './platform';

const [LOOK_MS, READY_MS] = [50, 30_000] as const;

/** One more gateway of a platform: a process of its own, with a port and thus a name of its own. */
export interface SecondGateway {
  readonly port: number;
  readonly probe: Probe;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts it and waits until it knows the routes. @param settings those that the platform was started with @throws Error when it ends */
export async function startSecondGateway(
  { config, apiKey }: Pick<PrivatePlatform, 'config' | 'apiKey'>,
  settings: Readonly<Record<string, string>>,
): Promise<SecondGateway> {
  const port = await freePort();
  const child = spawn(process.execPath, [assetPath('dist/workers/gateway.js')], {
    env: {
      ...process.env,
      ...settings,
      PRESAGE__DATADIR: config.dataDir,
      PRESAGE__RUNDIR: config.runDir,
      PRESAGE__POSTGRES__URL: ownPostgresUrl(config),
      PRESAGE__TEMPORAL__ADDRESS: `127.0.0.1:${config.temporal.port}`,
      PRESAGE__GATEWAY__PORT: `${port}`,
      PRESAGE__LOG__LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const probe = openProbe(`http://127.0.0.1:${port}`, apiKey);
  const deadline = performance.now() + READY_MS;
  while ((await probe.send('/readyz').catch(() => null))?.status !== 200) {
    if (child.exitCode !== null) throw new Error(`the second gateway ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`the second gateway was not ready within ${READY_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return {
    port,
    probe,
    kill: async () => {
      probe.close();
      child.kill('SIGKILL');
      await gone;
    },
  };
}
