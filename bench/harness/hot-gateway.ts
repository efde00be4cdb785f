import path from 'node:path';
import { PidFiles } from '../../workers/all/process/pid-files';
import { loadConfig } from '../../workers/config';
import { childrenOf } from './children-of';
import { deployVariant } from './deploy-variant';
import type { LoadOptions } from './load-process';
import type { PrivatePlatform } from './platform';

export const HOT_FUNCTION = 'bench-hop';
export const CONNECTIONS = 32;
/** `agent.linger`, longer than a bench: an instance that was given back would sleep when it is called. */
export const HOT_LINGER = '30m';

/** What a load is sent to, and the processes whose time it takes. */
export interface HotTarget {
  readonly name: string;
  readonly to: LoadOptions['target'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
}

/** One instance serves all connections of a gateway, as one Node process serves those of a peer. */
export async function deployHot(platform: PrivatePlatform): Promise<void> {
  await platform.pauseWarmPools();
  await deployVariant(platform, 'examples/hello-node', HOT_FUNCTION, {
    concurrency: CONNECTIONS * 2,
    scale: { max: 2, keepAlive: '30m' },
  });
}

/** The hot function behind the platform's gateway. @throws Error when that does not run */
export function gatewayTarget(name: string, platform: PrivatePlatform): HotTarget {
  return {
    name,
    to: { port: Number(new URL(platform.url).port) },
    path: `/fn/default/${HOT_FUNCTION}/`,
    headers: { authorization: `Bearer ${platform.apiKey}` },
    pids: gatewayPids(platform),
  };
}

export function runDirOf(platform: PrivatePlatform): string {
  return loadConfig(process.env, { dataDir: platform.dataDir }).runDir;
}

function gatewayPids(platform: PrivatePlatform): number[] {
  const { pid } = new PidFiles(path.join(runDirOf(platform), 'pids')).running('gateway') ?? {};
  if (pid === undefined) throw new Error('the gateway does not run');
  return [pid, ...childrenOf(pid)];
}
