import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { eventually } from './eventually';

/** A gateway in a process of its own, which a test may kill. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a gateway with these settings (`PRESAGE__…`) and waits until it answers. */
export async function startGatewayProcess(
  settings: Readonly<Record<string, string>>,
  port: number,
): Promise<GatewayProcess> {
  const root = path.resolve(__dirname, '../../..');
  const child = spawn(
    process.execPath,
    ['-r', path.join(__dirname, 'run-typescript.js'), path.join(root, 'workers/gateway.ts')],
    {
      cwd: root,
      env: { ...process.env, ...settings, PRESAGE__GATEWAY__PORT: String(port), PRESAGE__LOG__LEVEL: 'warn' },
      stdio: ['ignore', process.env['SHOW_GATEWAY'] ? 'inherit' : 'ignore', 'inherit'],
    },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    return (await fetch(`${url}/livez`).catch(() => null))?.ok || undefined;
  }, 'the gateway');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { url, child, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
