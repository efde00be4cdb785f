import { existsSync, readFileSync } from 'node:fs';
import { PlatformError } from '../../../../core/error/platform-error';
import { CgroupV1Tree } from './cgroup-v1';
import { CgroupV2Tree } from './cgroup-v2';

export interface CgroupLimits {
  readonly memoryBytes: number;
  /** Thousandths of a core. */
  readonly cpuMillis: number;
  readonly pids: number;
}

export interface CgroupStats {
  readonly cpuMicros: number;
  readonly memoryBytes: number;
  /** The most that was ever held, page cache included; left out where the kernel does not say. */
  readonly peakBytes?: number;
  readonly pids: number;
}

/** One instance's control group, whichever version the kernel runs. Its files live in memory, so calls do not block. */
export interface Cgroup {
  readonly name: string;
  /** Files into which a process writes its id in order to enter. */
  readonly entrances: readonly string[];
  /** Limits that must hold while memory is filled; leaves room for the few helpers of a restore, and all of the CPU. */
  limitForRestore(limits: CgroupLimits): void;
  /** The limits of its life. */
  limit(limits: CgroupLimits): void;
  /** Asks for the standstill; `isFrozen` says when it is reached. */
  freeze(): void;
  thaw(): void;
  isFrozen(): boolean;
  stats(): CgroupStats;
  /** How often the kernel killed for want of memory. */
  outOfMemoryKills(): number;
  processes(): number[];
  /** Needs an empty one; no error when it is not there. */
  remove(): Promise<void>;
}

/** All control groups of one driver, under one parent. */
export interface CgroupTree {
  readonly version: 1 | 2;
  /** Makes the parent and turns on the controllers. */
  open(): Promise<void>;
  make(name: string): Cgroup;
  /** One that is there already, or that runc will make. */
  at(name: string): Cgroup;
  list(): string[];
  /** The path for runc's `cgroupsPath`. */
  runcPath(name: string): string;
  /** Removes the parent; its children must be gone. */
  remove(): Promise<void>;
}

const NEEDED = ['cpu', 'cpuacct', 'memory', 'pids', 'freezer'] as const;

/** The tree for this machine. `parent` is one path segment. @throws PlatformError unsupported when a controller is missing */
export function openCgroupTree(parent: string, mounts = readFileSync('/proc/self/mounts', 'utf8')): CgroupTree {
  const folders = new Map<string, string>();
  const all: string[] = [];
  let unified: string | undefined;
  for (const line of mounts.split('\n')) {
    const [, folder, type, options] = line.split(' ');
    if (!folder || !options) continue;
    if (type === 'cgroup2') unified ??= folder;
    // runc makes a group in each hierarchy, an empty version 2 beside version 1 included
    if (type === 'cgroup' || type === 'cgroup2') all.push(folder);
    if (type !== 'cgroup') continue;
    for (const controller of options.split(',')) if (!folders.has(controller)) folders.set(controller, folder);
  }
  if (NEEDED.every((controller) => folders.has(controller))) {
    return new CgroupV1Tree(parent, folders, [...new Set(all)]);
  }
  if (unified && existsSync(`${unified}/cgroup.controllers`)) {
    const controllers = readFileSync(`${unified}/cgroup.controllers`, 'utf8').trim().split(' ');
    if (['cpu', 'memory', 'pids'].every((controller) => controllers.includes(controller))) {
      return new CgroupV2Tree(parent, unified);
    }
  }
  const missing = NEEDED.filter((controller) => !folders.has(controller)).join(', ');
  throw new PlatformError('unsupported', `This machine has no control groups for functions; missing: ${missing}`, {
    hint: 'Run on a host (or a privileged container) with the cpu, memory, pids and freezer controllers.',
  });
}
