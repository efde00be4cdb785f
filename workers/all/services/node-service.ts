import { readFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createConnection } from 'node:net';
import path from 'node:path';
import { agentAddress, type Config } from '../../config';
import { gatewayUrl } from '../../gateway-url';
import { LogFile } from '../process/log-file';
import type { Service } from '../supervisor/service';

/**
 * Half of the gateway's garbage collection was copying what just lived through one request or one batch of records: with
 * room for more young objects most of them are dead by the time it looks.
 */
const GATEWAY_FLAGS = ['--max-semi-space-size=64'];

/** Folder of the compiled code: this file is in workers/all/services. */
const BUILD = path.resolve(__dirname, '..', '..', '..');

/** One agent for each node of the configuration. */
export function agentServices(config: Config, env: NodeJS.ProcessEnv): readonly Service[] {
  return config.nodes.map((node) => ({
    ...nodeService(`agent-${node.name}`, 'agent', { ...env, PRESAGE_NODE: node.name }),
    // It may set up its sandbox driver first.
    readyTimeoutMs: 120_000,
    probe: () => listens(agentAddress(config, node)),
  }));
}

/** Runs workflows and activities. It listens nowhere: that it is ready is said in its log. */
export function controlService(config: Config, env: NodeJS.ProcessEnv): Service {
  const log = new LogFile(path.join(config.dataDir, 'logs', 'control.log'));
  const said = (pid: number): boolean =>
    log.lastLines(100).some((line) => line.includes('"control.ready"') && line.includes(`"pid":${pid},`));
  return {
    ...nodeService('control', 'control', env),
    readyTimeoutMs: 120_000,
    probe: (pid) => Promise.resolve(said(pid)),
  };
}

export function gatewayService(config: Config, env: NodeJS.ProcessEnv): Service {
  // It lets what is in flight end, for up to half a minute.
  return {
    ...nodeService('gateway', 'gateway', env, GATEWAY_FLAGS),
    stopTimeoutMs: 45_000,
    probe: () => answersOk(`${gatewayUrl(config)}/readyz`),
  };
}

function nodeService(
  name: string,
  file: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[] = [],
): Omit<Service, 'probe'> {
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', ...flags, path.join(BUILD, 'workers', `${file}.js`)],
    // A new build is not the same process any more: it must not be adopted.
    env: { ...env, PRESAGE_BUILD: buildStamp() },
    cwd: process.cwd(),
    commandWord: `${file}.js`,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 20_000,
    readyTimeoutMs: 60_000,
  };
}

function buildStamp(): string {
  try {
    return readFileSync(path.join(BUILD, '.stamp'), 'utf8');
  } catch {
    return '';
  }
}

/** Whether something accepts connections at a gRPC target. */
export function listens(address: string): Promise<boolean> {
  const split = address.lastIndexOf(':');
  const target = address.startsWith('unix:')
    ? { path: address.slice('unix:'.length) }
    : { host: address.slice(0, split), port: Number(address.slice(split + 1)) };
  return new Promise((resolve) => {
    const socket = createConnection(target);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Our own process on our own machine, told nothing: whom its certificate names and who signed it does not matter. */
function answersOk(url: string): Promise<boolean> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  return new Promise((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
