import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import { agentAddress, type Config } from '../../workers/config';
import { PidFiles, type PidRecord } from '../../workers/all/process/pid-files';
import { isStopped, signal } from '../../workers/all/process/process-identity';
import { controlService, listens } from '../../workers/all/services/node-service';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { accepts } from '../../workers/all/services/postgres-service';
import { isServing } from '../../workers/all/services/temporal-service';
import { belongs } from '../../workers/all/supervisor/supervisor';
import type { countOrphans } from './orphans';

/** One supervised process that was killed or stopped. Times in milliseconds. */
export interface Kill {
  readonly component: string;
  /** From then until it could be used again; null when it could not within the time given. */
  readonly healedMs: number | null;
}

const SUPERVISOR = 'supervisor';
const LOOK_MS = 20;

/** The processes that `npm start` supervises for one data folder on this machine, by the records it keeps of them. */
export class Components {
  readonly #pids: PidFiles;
  readonly #config: Config;

  /** @param config of the running platform, ports included. @throws PlatformError not_found when none runs from its data folder */
  constructor(config: Config) {
    const folder = path.join(config.runDir, 'pids');
    this.#config = config;
    const pids = existsSync(folder) ? new PidFiles(folder) : null;
    if (!pids?.running(SUPERVISOR)) {
      throw new PlatformError('not_found', `No platform runs from ${config.dataDir} on this machine`, {
        hint: 'Name its data folder.',
      });
    }
    this.#pids = pids;
  }

  /** Names of those that run, the supervisor aside. */
  names(): readonly string[] {
    return this.#pids
      .allRunning()
      .map(({ name }) => name)
      .filter((name) => name !== SUPERVISOR);
  }

  /** Those that run now, the supervisor included. */
  running(): readonly PidRecord[] {
    return this.#pids.allRunning();
  }

  pids(): readonly number[] {
    return this.#pids.allRunning().map(({ pid }) => pid);
  }

  /** The names that were meant: `agent` means each of its agents. @throws PlatformError not_found naming those there are */
  chosen(words: readonly string[]): readonly string[] {
    const names = this.names();
    return words.flatMap((word) => {
      const meant = names.filter((name) => belongs(name, [word]));
      if (meant.length === 0) {
        throw new PlatformError('not_found', `There is no process "${word}"; there are ${names.join(', ')}`);
      }
      return meant;
    });
  }

  /** Kills it with SIGKILL and waits until another runs in its place and can be used. @throws PlatformError not_found */
  kill(name: string, patienceMs: number): Promise<Kill> {
    return this.#hurt(name, 'SIGKILL', patienceMs, (now, before) => now.pid !== before.pid);
  }

  /** Stops it with SIGSTOP and waits until it has been told to go on and can be used. @throws PlatformError not_found */
  freeze(name: string, patienceMs: number): Promise<Kill> {
    return this.#hurt(name, 'SIGSTOP', patienceMs, (now) => !isStopped(now));
  }

  async #hurt(
    name: string,
    how: 'SIGKILL' | 'SIGSTOP',
    patienceMs: number,
    over: (now: PidRecord, before: PidRecord) => boolean,
  ): Promise<Kill> {
    const before = this.#pids.recorded(name);
    if (!before || !signal(before, how)) throw new PlatformError('not_found', `${name} does not run`);
    const begun = performance.now();
    while (performance.now() - begun < patienceMs) {
      const now = this.#pids.recorded(name);
      if (now && over(now, before) && (await this.#usable(now))) {
        return { component: name, healedMs: performance.now() - begun };
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return { component: name, healedMs: null };
  }

  async #usable({ name, pid }: PidRecord): Promise<boolean> {
    const config = this.#config;
    const node = config.nodes.find((candidate) => name === `agent-${candidate.name}`);
    if (node) return listens(agentAddress(config, node));
    switch (name) {
      case 'control':
        return controlService(config, {}).probe(pid);
      case 'gateway':
        return listens(`${config.gateway.host}:${config.gateway.port}`);
      case 'temporal':
        return isServing(`127.0.0.1:${config.temporal.port}`);
      case 'postgres':
        return accepts(ownPostgresUrl(config));
      default:
        throw new PlatformError('unsupported', `It is not known how to tell that ${name} can be used`);
    }
  }
}

/**
 * The ports that a running platform was started with, whatever flags it was given: they are in what it wrote down.
 * @param url where its gateway was found
 */
export function runningConfig(config: Config, url: string): Config {
  const { hostname, port } = new URL(url);
  const supervisor = new PidFiles(path.join(config.runDir, 'pids')).recorded(SUPERVISOR);
  const temporalPort = Number(supervisor?.addresses['Temporal']?.split(':').pop() ?? config.temporal.port);
  const postmaster = path.join(config.dataDir, 'postgres', 'postmaster.pid');
  const postgresPort = existsSync(postmaster) ? Number(readFileSync(postmaster, 'utf8').split('\n')[3]) : NaN;
  return {
    ...config,
    gateway: { ...config.gateway, host: hostname, port: Number(port) },
    temporal: { ...config.temporal, port: temporalPort },
    postgres: { ...config.postgres, port: postgresPort || config.postgres.port },
  };
}

/** Where the platform keeps its things, and whom to ask what is in use. */
export function placesOf(config: Config, components: Components): Parameters<typeof countOrphans>[0] {
  return {
    runDir: config.runDir,
    dataDir: config.dataDir,
    nodes: config.nodes.map(({ name }) => name),
    address: (node) => agentAddress(config, config.nodes.find(({ name }) => name === node) ?? { name: node }),
    supervised: () => components.pids(),
  };
}
