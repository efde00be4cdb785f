import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../core/error/platform-error';
import { removeWithMounts } from './bind-mounts';
import type { Cgroup } from './cgroup/cgroup';
import type { Instance } from './instance';
import { isAlive, signal } from './process-table';
import type { Network } from './network/network-pool';
import type { SandboxHost } from './sandbox-host';
import type { Slot } from './slot-pool';

const DEADLINE_MS = 15_000;

/** Kills everything in a control group and waits until nothing is left. @throws PlatformError internal after 15 s */
export async function killGroup(cgroup: Cgroup): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    const pids = cgroup.processes();
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
    // version 1 lets a frozen process die only when it is thawed
    if (cgroup.isFrozen()) cgroup.thaw();
    if (Date.now() > deadline) {
      throw new PlatformError('internal', `Processes of group ${cgroup.name} do not die: ${pids.join(', ')}`);
    }
    await delay(wait);
  }
}

/** Kills an instance; its folder, group and network stay. */
export async function killInstance(instance: Instance): Promise<void> {
  const { process: first, cgroup } = instance;
  if (first && isAlive(first.pid, first.startTime)) {
    // the first process of a pid namespace takes the others with it
    signal(first.pid, 'SIGKILL');
    if (cgroup.isFrozen()) cgroup.thaw();
  }
  await killGroup(cgroup);
}

/** Removes what a dead instance leaves on the machine. */
export async function removeRemains(host: SandboxHost, instance: Instance): Promise<void> {
  await removeWithMounts(instance.folder);
  await rm(path.join(host.runcRoot, instance.id), { recursive: true, force: true });
  await instance.cgroup.remove();
  host.networks.release(instance.network);
}

/** Returns what was taken for a start that never began. `folder`: the name the slot's folder may have by now. */
export async function giveBack(
  host: SandboxHost,
  slot: Slot | undefined,
  folder: string,
  network: Network | undefined,
): Promise<void> {
  if (slot) await host.slots.discard(slot, existsSync(slot.folder) ? slot.folder : folder);
  if (network) host.networks.release(network);
}
