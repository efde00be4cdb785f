import { spawn, type ChildProcess } from 'node:child_process';
import { listens } from '../../workers/all/services/node-service';

/** Something that answers on a port of this machine, to be compared with. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const READY_TRIES = 200;

/** Starts a server and waits until its port takes connections. @throws Error with what it said when it does not come up */
export async function startPeer(
  name: string,
  port: number,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Peer> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  let gone = false;
  void ended.then(() => (gone = true));
  for (let tries = 1; !(await listens(`127.0.0.1:${port}`)); tries++) {
    if (gone || tries > READY_TRIES) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not come up: ${said.trim() || 'it said nothing'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name, port, pid: pidOf(child), stop: () => stopped(child, ended) };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('a process without a number');
  return child.pid;
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
