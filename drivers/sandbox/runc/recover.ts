import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { removeWithMounts } from './bind-mounts';
import { folderOf, type Instance, showFolders } from './instance';
import { readInstanceState } from './instance-state-file';
import { isAlive } from './process-table';
import type { SandboxHost } from './sandbox-host';
import { killGroup } from './teardown';

/**
 * Looks through what an earlier agent left on the machine: instances that live and can be understood are given back,
 * everything else of this driver is removed. `known` are those of this agent, which are left alone,
 * and so are networks in `used`.
 */
export async function recoverInstances(
  host: SandboxHost,
  known: ReadonlyMap<string, Instance>,
  used: readonly string[],
): Promise<Instance[]> {
  const ids = existsSync(host.instances) ? readdirSync(host.instances).filter((id) => !known.has(id)) : [];
  const found: Instance[] = [];
  const lost: string[] = [];
  for (const id of ids) {
    const instance = await adopt(host, id);
    if (instance) found.push(instance);
    else lost.push(id);
  }
  const kept = [...known.values(), ...found];
  const groups = new Set(kept.map((instance) => instance.cgroup.name));
  for (const name of host.tree.list().filter((group) => !groups.has(group) && !host.slots.owns(group))) {
    const cgroup = host.tree.at(name);
    await killGroup(cgroup);
    await cgroup.remove();
  }
  for (const id of lost) await removeWithMounts(path.join(host.instances, id));
  await host.slots.sweep();
  await host.networks.sweep(new Set([...used, ...kept.map((instance) => instance.network.name)]));
  await host.mounts.sweep();
  return found;
}

async function adopt(host: SandboxHost, id: string): Promise<Instance | undefined> {
  if (!/^[a-z0-9]{1,32}$/.test(id)) return undefined;
  const folder = folderOf(host, id);
  const state = readInstanceState(folder);
  if (!state || state.id !== id || !isAlive(state.pid, state.startTime)) return undefined;
  const cgroup = host.tree.at(state.cgroup);
  const network = host.networks.adopt(state.network);
  if (!network || !cgroup.processes().includes(state.pid)) return undefined;
  await showFolders(host, folder, state.base, state.codeDir);
  return {
    id,
    run: state.run,
    codeDir: state.codeDir,
    base: state.base,
    folder,
    cgroup,
    network,
    process: { pid: state.pid, startTime: state.startTime },
    mapped: state.mapped,
    readers: [],
    recorded: Promise.resolve(),
    ended: false,
  };
}
