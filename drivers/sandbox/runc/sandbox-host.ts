import { createHash } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { PlatformError } from '../../../core/error/platform-error';
import { BindMounts } from './bind-mounts';
import { type CgroupTree, openCgroupTree } from './cgroup/cgroup';
import { claimSubnet, releaseSubnet } from './network/claim-subnet';
import { DOOR_URL, type GatewayListener } from './network/gateway-door';
import { hostResolver } from './network/host-resolver';
import { linksOf, NetworkPool } from './network/network-pool';
import { parseSubnet } from './network/subnet';
import { SlotPool } from './slot-pool';
import { openToolbox, type Toolbox } from './toolbox';

export interface RuncDriverOptions {
  /** The node's run folder: short, and its own. */
  readonly runDir: string;
  /** Where CRIU and the base images are kept between runs. */
  readonly cacheDir: string;
  /** Instances get addresses of it, e.g. `10.203.0.0/16`; the next free one is taken when it is in use. */
  readonly subnet: string;
  /** Starts that find everything prepared, when they come at once. */
  readonly slots: number;
  /** Where functions that may call out find the gateway, translated; null when they cannot reach it. */
  readonly gateway: GatewayListener | null;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const COLD_SLOTS = 2;
/** A Unix socket's path has 107 characters at most; ours adds `/i/<32>/fn/http.sock`. */
const LONGEST_RUN_DIR = 107 - '/i/'.length - 32 - '/fn/http.sock'.length;

/** Everything on this machine that the driver's operations share. */
export interface SandboxHost {
  readonly instances: string;
  readonly runcRoot: string;
  readonly toolbox: Toolbox;
  readonly tree: CgroupTree;
  readonly slots: SlotPool;
  readonly networks: NetworkPool;
  readonly mounts: BindMounts;
  /** Null when functions can call out. */
  readonly networkFailure: string | null;
  /** For the environment of functions; null where they cannot reach the gateway. */
  readonly gatewayUrl: string | null;
}

/** Six characters that tell this driver's groups, networks and links from those of others on the machine. */
export function driverKey(runDir: string): string {
  return createHash('sha256').update(runDir).digest('hex').slice(0, 6);
}

/** @throws PlatformError unsupported when this machine cannot run sandboxes */
export async function openSandboxHost(options: RuncDriverOptions): Promise<SandboxHost> {
  const { runDir } = options;
  if (Buffer.byteLength(runDir) > LONGEST_RUN_DIR) {
    throw new PlatformError('invalid_argument', `The run folder ${runDir} is too long for Unix sockets`, {
      hint: `Choose a runDir of at most ${LONGEST_RUN_DIR} characters.`,
    });
  }
  const toolbox = await openToolbox(options.cacheDir, (line) => options.log.info(line));
  const instances = path.join(runDir, 'i');
  await mkdir(instances, { recursive: true, mode: 0o711 });
  makeWalkable(instances);
  const key = driverKey(runDir);
  const tree = openCgroupTree(`presage-${key}`);
  await tree.open();
  const targets = {
    restore: toolbox.criu === null ? 0 : options.slots,
    cold: Math.min(COLD_SLOTS, options.slots),
  };
  const slots = new SlotPool(path.join(runDir, 's'), tree, targets, toolbox.criu, `s${Date.now().toString(36)}`);
  await slots.open();
  const networks = new NetworkPool({ key, ready: options.slots, busy: () => slots.isBusy });
  const networkFailure = await connect(networks, options);
  const mounts = new BindMounts(path.join(runDir, 'm'));
  await mkdir(path.join(runDir, 'm'), { recursive: true, mode: 0o711 });
  // held for good: each start needs them
  for (const folder of [toolbox.runtimes, toolbox.bases.node, toolbox.bases.python3]) {
    if (folder !== null) await mounts.acquire(folder);
  }
  const runcRoot = path.join(runDir, 'runc');
  const gatewayUrl = options.gateway && networkFailure === null ? DOOR_URL : null;
  return { instances, runcRoot, toolbox, tree, slots, networks, mounts, networkFailure, gatewayUrl };
}

async function connect(networks: NetworkPool, options: RuncDriverOptions): Promise<string | null> {
  try {
    const subnet = await claimSubnet(parseSubnet(options.subnet), options.runDir, linksOf(driverKey(options.runDir)));
    const resolver = hostResolver();
    if (resolver === null)
      options.log.warn('no name server that functions can reach: they can call addresses, not names');
    await networks.connect(subnet, resolver, options.gateway);
    return null;
  } catch (error) {
    return `Functions cannot call out: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Gives back what was claimed beyond the run folder. */
export async function releaseHost(options: RuncDriverOptions): Promise<void> {
  await releaseSubnet(options.runDir);
}

/** The user of a sandbox must be able to walk to its folder, though not to list those on the way. */
function makeWalkable(folder: string): void {
  for (let current = folder; current !== path.dirname(current); current = path.dirname(current)) {
    const { mode, uid } = statSync(current);
    if ((mode & 0o001) !== 0) continue;
    // what the platform made for itself may be opened; somebody's home may not
    if (uid !== 0 || !/^\/(run|tmp|var|dev\/shm)\//.test(current)) {
      throw new PlatformError('unsupported', `Functions cannot reach ${folder}: ${current} is closed to them`, {
        hint: 'Choose a runDir below a folder that all may enter, e.g. /run/presage.',
      });
    }
    chmodSync(current, mode | 0o011);
  }
}
