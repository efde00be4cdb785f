import { spawn } from 'node:child_process';
import { PlatformError } from '../../../core/error/platform-error';
import type { LogFile } from '../process/log-file';
import type { PidRecord } from '../process/pid-files';
import { recordOf } from '../process/pid-files';
import { isRunning, signal, type ProcessIdentity } from '../process/process-identity';
import type { Service } from './service';

const WATCH_MS = 200;

/** A running process, ours by birth or adopted. `ended` resolves once with how it went. */
export interface Child {
  readonly record: PidRecord;
  readonly ended: Promise<string>;
}

/** Starts the service in its own process group, so that a Ctrl-C at the terminal reaches the supervisor alone. */
export function startChild(service: Service, log: LogFile, fingerprint: string, now: Date): Child {
  const child = log.openForChild((descriptor) =>
    spawn(service.command, service.args, {
      cwd: service.cwd,
      env: service.env,
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
      ...(service.user ?? {}),
    }),
  );
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, name) => resolve(name ? `signal ${name}` : `status ${code}`));
  });
  const record = child.pid && recordOf(child.pid, service.name, service.commandWord, fingerprint, now);
  if (!record) throw new PlatformError('unavailable', `${service.name} could not be started: ${service.command}`);
  return { record, ended };
}

/** A child of a supervisor that was killed: not our child by birth, so its end is found by looking. */
export function adoptChild(record: PidRecord): Child {
  const ended = new Promise<string>((resolve) => {
    const timer = setInterval(() => {
      if (isRunning(record)) return;
      clearInterval(timer);
      resolve('an end unseen');
    }, WATCH_MS);
  });
  return { record, ended };
}

/** Asks it to end, then kills it. Resolves when it is gone. @returns whether it had to be killed */
export async function endProcess(
  identity: ProcessIdentity,
  stopSignal: NodeJS.Signals,
  timeoutMs: number,
): Promise<boolean> {
  signal(identity, stopSignal);
  if (await goneWithin(identity, timeoutMs)) return false;
  signal(identity, 'SIGKILL');
  await goneWithin(identity, 10_000);
  return true;
}

async function goneWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isRunning(identity)) {
    if (performance.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
