import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Cgroup, CgroupLimits, CgroupStats, CgroupTree } from './cgroup';
import { keyedNumber, peakIn, processIds, readGroupFile, removeGroupFolder, writeGroupFile } from './group-file';

const PERIOD_MICROS = 100_000;
/**
 * A restore's weight among instances: one waits for it, but those that serve must not stand still meanwhile, or a queue
 * that they would empty calls for ever more restores.
 */
const RESTORE_SHARES = 2048;
/** All functions together weigh against the rest of the machine as much as one ordinary process for each core. */
const PARENT_SHARES = 1024 * availableParallelism();
const CONTROLLERS = ['freezer', 'cpu', 'cpuacct', 'memory', 'pids'] as const;
/** Tasks that `criu restore` has beside those of the function. */
const RESTORE_TASKS = 16;

/** Control groups of version 1: one hierarchy per controller. */
export class CgroupV1Tree implements CgroupTree {
  readonly version = 1;

  constructor(
    private readonly parent: string,
    /** Controller → its mount. */
    private readonly mounts: ReadonlyMap<string, string>,
    /** Every hierarchy; runc enters them all. */
    private readonly hierarchies: readonly string[],
  ) {}

  open(): Promise<void> {
    for (const folder of this.folders('')) mkdirSync(folder, { recursive: true });
    writeGroupFile(path.join(this.folder('cpu', ''), 'cpu.shares'), PARENT_SHARES);
    return Promise.resolve();
  }

  make(name: string): Cgroup {
    for (const folder of this.folders(name)) mkdirSync(folder, { recursive: true });
    return this.at(name);
  }

  at(name: string): Cgroup {
    const folders = Object.fromEntries(
      CONTROLLERS.map((controller) => [controller, this.folder(controller, name)]),
    ) as Folders;
    return new CgroupV1(
      name,
      folders,
      this.hierarchies.map((mount) => path.join(mount, this.parent, name)),
    );
  }

  list(): string[] {
    const names = new Set<string>();
    for (const mount of this.hierarchies) {
      const folder = path.join(mount, this.parent);
      if (!existsSync(folder)) continue;
      for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) names.add(entry.name);
    }
    return [...names];
  }

  runcPath(name: string): string {
    return `/${this.parent}/${name}`;
  }

  async remove(): Promise<void> {
    await Promise.all(this.hierarchies.map((mount) => removeGroupFolder(path.join(mount, this.parent))));
  }

  private folder(controller: string, name: string): string {
    return path.join(this.mounts.get(controller) ?? '', this.parent, name);
  }

  private folders(name: string): Set<string> {
    return new Set(CONTROLLERS.map((controller) => this.folder(controller, name)));
  }
}

type Folders = Record<(typeof CONTROLLERS)[number], string>;

class CgroupV1 implements Cgroup {
  constructor(
    readonly name: string,
    private readonly folders: Folders,
    private readonly everywhere: readonly string[],
  ) {}

  get entrances(): string[] {
    return [...new Set(Object.values(this.folders))].map((folder) => path.join(folder, 'cgroup.procs'));
  }

  limitForRestore(limits: CgroupLimits): void {
    writeGroupFile(`${this.folders.memory}/memory.limit_in_bytes`, limits.memoryBytes);
    writeGroupFile(`${this.folders.pids}/pids.max`, limits.pids + RESTORE_TASKS);
    writeGroupFile(`${this.folders.cpu}/cpu.shares`, RESTORE_SHARES);
  }

  limit(limits: CgroupLimits): void {
    writeGroupFile(`${this.folders.memory}/memory.limit_in_bytes`, limits.memoryBytes);
    writeGroupFile(`${this.folders.pids}/pids.max`, limits.pids);
    writeGroupFile(`${this.folders.cpu}/cpu.cfs_period_us`, PERIOD_MICROS);
    writeGroupFile(`${this.folders.cpu}/cpu.cfs_quota_us`, Math.max(1000, (limits.cpuMillis * PERIOD_MICROS) / 1000));
    writeGroupFile(`${this.folders.cpu}/cpu.shares`, Math.max(2, Math.round((limits.cpuMillis * 1024) / 1000)));
  }

  freeze(): void {
    writeGroupFile(`${this.folders.freezer}/freezer.state`, 'FROZEN');
  }

  thaw(): void {
    writeGroupFile(`${this.folders.freezer}/freezer.state`, 'THAWED');
  }

  isFrozen(): boolean {
    return readGroupFile(`${this.folders.freezer}/freezer.state`).trim() === 'FROZEN';
  }

  stats(): CgroupStats {
    const usage = Number(readGroupFile(`${this.folders.memory}/memory.usage_in_bytes`));
    const cache = keyedNumber(readGroupFile(`${this.folders.memory}/memory.stat`), 'total_inactive_file');
    return {
      cpuMicros: Math.round(Number(readGroupFile(`${this.folders.cpuacct}/cpuacct.usage`)) / 1000),
      memoryBytes: Math.max(0, usage - cache),
      ...peakIn(readGroupFile(`${this.folders.memory}/memory.max_usage_in_bytes`)),
      pids: Number(readGroupFile(`${this.folders.pids}/pids.current`)),
    };
  }

  outOfMemoryKills(): number {
    return keyedNumber(readGroupFile(`${this.folders.memory}/memory.oom_control`), 'oom_kill');
  }

  processes(): number[] {
    return processIds(readGroupFile(`${this.folders.freezer}/cgroup.procs`));
  }

  async remove(): Promise<void> {
    await Promise.all(this.everywhere.map(removeGroupFolder));
  }
}
