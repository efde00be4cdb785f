import { watch, type FSWatcher } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import type { Endpoint } from '../../drivers/sandbox/sandbox';
import { requestInstance } from './instance-request';

export interface ReadinessOptions {
  /** In order of preference; all are tried at once. */
  readonly endpoints: readonly Endpoint[];
  /** GET of it must answer below 400 before the instance counts as ready; null where listening is enough. */
  readonly healthPath: string | null;
  readonly timeoutMs: number;
  /** Aborted when the sandbox has ended; its reason is thrown. */
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;
const HEALTH_PAUSE_MS = 20;

/** Waits until an endpoint takes connections. @throws PlatformError start_timeout, or the signal's reason */
export async function awaitReady(options: ReadinessOptions): Promise<Endpoint> {
  const { endpoints, healthPath, timeoutMs } = options;
  const late = new AbortController();
  const timer = setTimeout(
    () =>
      late.abort(new PlatformError('start_timeout', `The function did not listen within ${timeoutMs} ms of its start`)),
    timeoutMs,
  );
  const won = new AbortController();
  const signal = AbortSignal.any([options.signal, late.signal, won.signal]);
  try {
    signal.throwIfAborted();
    const endpoint = await Promise.race(endpoints.map((candidate) => awaitListening(candidate, signal)));
    if (healthPath !== null) await awaitHealthy(endpoint, healthPath, signal);
    return endpoint;
  } finally {
    clearTimeout(timer);
    won.abort();
  }
}

/** True when something accepts a connection there now. */
export function accepts(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(
      endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
    );
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function awaitListening(endpoint: Endpoint, signal: AbortSignal): Promise<Endpoint> {
  if (await accepts(endpoint)) return endpoint;
  const folder = endpoint.kind === 'unix' ? watchFolder(path.dirname(endpoint.path)) : undefined;
  try {
    for (let pauseMs = FIRST_PAUSE_MS; !(await accepts(endpoint)); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      if (await pause(pauseMs, signal, folder)) pauseMs = FIRST_PAUSE_MS / 2;
    }
    return endpoint;
  } finally {
    folder?.close();
  }
}

async function awaitHealthy(endpoint: Endpoint, healthPath: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const reply = await requestInstance(endpoint, { method: 'GET', path: healthPath, signal }).catch(() => null);
    if (reply && reply.status < 400) return;
    signal.throwIfAborted();
    await pause(HEALTH_PAUSE_MS, signal);
  }
}

/** Ends early, with true, when something happens in the folder: a socket's file appears there just before it listens. */
function pause(ms: number, signal: AbortSignal, folder?: FSWatcher): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      folder?.off('change', changed);
      settle();
    };
    const aborted = (): void => end(() => reject(signal.reason as Error));
    const changed = (): void => end(() => resolve(true));
    const timer = setTimeout(() => end(() => resolve(false)), ms);
    signal.addEventListener('abort', aborted);
    folder?.on('change', changed);
  });
}

/** Undefined where the folder cannot be watched (it is missing, or no watches are left): then the timer alone decides. */
function watchFolder(folder: string): FSWatcher | undefined {
  try {
    const watcher = watch(folder);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
