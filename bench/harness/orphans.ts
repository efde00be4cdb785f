import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createAgentClient } from '../../agent/rpc/agent-client';
import type { StatsReply } from '../../agent/rpc/agent-messages';
import { readInstanceState } from '../../drivers/sandbox/runc/instance-state-file';
import { ancestorsOf, findRemains, type PlatformPlaces, type RemainingProcess, type Remains } from './remains';

/** What a running platform accounts for. */
export interface Owned {
  /** Process ids of supervised processes and of the supervisor. */
  readonly supervised: ReadonlySet<number>;
  /** Ids of the instances that agents know, and of the checkpoints. */
  readonly instances: ReadonlySet<string>;
  readonly checkpoints: ReadonlySet<string>;
  /** `<node>/<group>` of instances and of slots that are ready for the next ones. */
  readonly cgroups: ReadonlySet<string>;
  /** Nodes whose agent runs: shared mounts, ready networks and its own socket are in its hands. */
  readonly nodes: ReadonlySet<string>;
}

const SETTLE_MS = 10_000;
const PAUSE_MS = 250;

/** What is left over on the machine that nobody answers for; starts and ends under way get a moment to finish. */
export async function countOrphans(
  places: PlatformPlaces & { readonly address: (node: string) => string; readonly supervised: () => readonly number[] },
): Promise<Remains> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const orphans = orphansAmong(findRemains(places), await ownedBy(places), places);
    const some = Object.values(orphans).some((items: readonly unknown[]) => items.length > 0);
    if (!some || performance.now() > deadline) return orphans;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Of what there is, that which does not belong to what is owned. */
export function orphansAmong(remains: Remains, owned: Owned, { runDir }: Pick<PlatformPlaces, 'runDir'>): Remains {
  const nodeOf = (entry: string): string => entry.slice(0, entry.indexOf('/'));
  const nameOf = (entry: string): string => entry.slice(entry.indexOf('/') + 1);
  /** A file that is part of an instance is that instance's, any other one is the agents'. */
  const abandoned = (file: string): boolean => {
    const [, kind, instance = ''] = path.relative(runDir, file).split('/');
    return kind === 'i' ? !owned.instances.has(instance) : owned.nodes.size === 0;
  };
  return {
    processes: remains.processes.filter((process) => !isOwned(process, owned)),
    cgroups: remains.cgroups.filter((group) => !owned.cgroups.has(group)),
    mounts: remains.mounts.filter((line) => abandoned(line.split(' ')[4] ?? '')),
    networks: owned.nodes.size > 0 ? [] : remains.networks,
    sockets: remains.sockets.filter(abandoned),
    instanceFolders: remains.instanceFolders.filter((entry) => !owned.instances.has(nameOf(entry))),
    images: remains.images.filter((entry) => {
      const [checkpoint = ''] = nameOf(entry).split('.');
      return !owned.nodes.has(nodeOf(entry)) || !owned.checkpoints.has(checkpoint);
    }),
  };
}

/** Descends from a supervised process, or belongs to an instance by its environment or its control group. */
function isOwned({ pid, text }: RemainingProcess, owned: Owned): boolean {
  if (ancestorsOf(pid).some((ancestor) => owned.supervised.has(ancestor))) return true;
  if ([...owned.cgroups].some((group) => text.includes(`/${group.slice(group.indexOf('/') + 1)}`))) return true;
  const instance = /(?:^|\0)PRESAGE_INSTANCE=([a-z0-9]+)/.exec(read(`/proc/${pid}/environ`))?.[1];
  // one that ended between the look at it and this one is nobody's orphan
  return (instance !== undefined && owned.instances.has(instance)) || !existsSync(`/proc/${pid}`);
}

async function ownedBy(places: Parameters<typeof countOrphans>[0]): Promise<Owned> {
  const stats = new Map<string, StatsReply>();
  for (const node of places.nodes) {
    const client = createAgentClient(places.address(node));
    try {
      stats.set(node, await client.stats());
    } catch {
      // an agent that is away accounts for nothing
    } finally {
      client.close();
    }
  }
  const all = [...stats.values()];
  return {
    supervised: new Set(places.supervised()),
    instances: new Set(all.flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId))),
    checkpoints: new Set(all.flatMap(({ checkpoints }) => checkpoints.map(({ checkpointId }) => checkpointId))),
    cgroups: new Set([...stats.keys()].flatMap((node) => groupsOf(path.join(places.runDir, node), node))),
    nodes: new Set(stats.keys()),
  };
}

/** The control groups of a node's instances and of its slots, which bear the names of their folders. */
function groupsOf(folder: string, node: string): string[] {
  const names = (kind: string): string[] =>
    existsSync(path.join(folder, kind)) ? readdirSync(path.join(folder, kind)) : [];
  const used = names('i').flatMap((id) => readInstanceState(path.join(folder, 'i', id))?.cgroup ?? []);
  return [...used, ...names('s')].map((group) => `${node}/${group}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
