import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { identify } from '../../workers/all/process/process-identity';
import { driverKey } from '../../drivers/sandbox/runc/sandbox-host';
import { namesIn, textOf } from './kernel-files';

/** Everything on this machine that belongs to one platform, by what it is. */
export interface Remains {
  readonly processes: readonly RemainingProcess[];
  /** `<node>/<group>`, whatever the hierarchy. */
  readonly cgroups: readonly string[];
  readonly mounts: readonly string[];
  /** Network namespaces and packet filters. */
  readonly networks: readonly string[];
  readonly sockets: readonly string[];
  /** `<node>/<instance>`. */
  readonly instanceFolders: readonly string[];
  /** Raw checkpoint images: `<node>/<file or folder>`. */
  readonly images: readonly string[];
}

export interface RemainingProcess {
  readonly pid: number;
  /** Command line and control groups, for whoever reads it. */
  readonly text: string;
}

/** Where one platform keeps its things. */
export interface PlatformPlaces {
  readonly runDir: string;
  readonly dataDir: string;
  readonly nodes: readonly string[];
}

const INSTANCES = 'i';

/** What is there now of a platform, running or not. */
export function findRemains({ runDir, dataDir, nodes }: PlatformPlaces): Remains {
  const keys = new Map(nodes.map((node) => [driverKey(path.join(runDir, node)), node]));
  const below = (node: string, folder: string): string[] =>
    namesIn(path.join(runDir, node, folder)).map((name) => `${node}/${name}`);
  return {
    processes: processesOf([runDir, dataDir, ...[...keys.keys()].map((key) => `presage-${key}`)]),
    cgroups: [...new Set([...keys].flatMap(([key, node]) => cgroupsOf(`presage-${key}`, node)))],
    mounts: textOf('/proc/self/mountinfo')
      .split('\n')
      .filter((line) => line.includes(`${runDir}/`) || line.includes(`${dataDir}/`)),
    networks: [...keys.keys()].flatMap((key) => [
      ...namesIn('/run/netns').filter((name) => name.startsWith(`presage-${key}-`)),
      ...namesIn('/sys/class/net').filter((name) => name.startsWith(`pv${key}-`)),
    ]),
    sockets: socketsBelow(runDir),
    instanceFolders: nodes.flatMap((node) => below(node, INSTANCES)),
    images: nodes.flatMap((node) => below(node, 'images')),
  };
}

/** How many of each there are. */
export function countRemains(remains: Remains): Record<keyof Remains, number> {
  const count = (kind: keyof Remains): number => remains[kind].length;
  return {
    processes: count('processes'),
    cgroups: count('cgroups'),
    mounts: count('mounts'),
    networks: count('networks'),
    sockets: count('sockets'),
    instanceFolders: count('instanceFolders'),
    images: count('images'),
  };
}

function processesOf(words: readonly string[]): RemainingProcess[] {
  // Whoever asks may have been told the folder's name as well.
  const own = new Set(ancestorsOf(process.pid));
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && !own.has(Number(name)))
      .map((pid) => ({
        pid: Number(pid),
        text: `${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')} ${textOf(`/proc/${pid}/cgroup`)}`,
      }))
      // One that has ended, and that the machine's first process has not yet noticed, is a number and no more.
      .filter(({ pid, text }) => words.some((word) => text.includes(word)) && identify(pid) !== null)
  );
}

/** A process and those that it descends from, but for the first of all. */
export function ancestorsOf(pid: number): number[] {
  const found: number[] = [];
  for (let current = pid; current > 1;) {
    found.push(current);
    const text = textOf(`/proc/${current}/stat`);
    current = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}

/** The groups below one of this name, in any hierarchy. */
function cgroupsOf(parent: string, node: string): string[] {
  const root = '/sys/fs/cgroup';
  const hierarchies = [root, ...folders(root).map((name) => path.join(root, name))];
  return hierarchies.flatMap((hierarchy) => folders(path.join(hierarchy, parent)).map((group) => `${node}/${group}`));
}

function socketsBelow(folder: string, depth = 5): string[] {
  if (depth === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isSocket()) return [file];
    return entry.isDirectory() && entry.name !== 'images' && entry.name !== 'm' ? socketsBelow(file, depth - 1) : [];
  });
}

function folders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
