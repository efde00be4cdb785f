import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Cgroup, CgroupLimits, CgroupStats, CgroupTree } from './cgroup';
import { keyedNumber, peakIn, processIds, readGroupFile, removeGroupFolder, writeGroupFile } from './group-file';

const PERIOD_MICROS = 100_000;
/** Twice that of an instance with one CPU, as in version 1. */
const RESTORE_WEIGHT = 200;
const PARENT_WEIGHT = Math.min(10_000, 100 * availableParallelism());
const CONTROLLERS = '+cpu +memory +pids';
const RESTORE_TASKS = 16;

/** Control groups of version 2: one hierarchy for all controllers. */
export class CgroupV2Tree implements CgroupTree {
  readonly version = 2;
  private readonly folder: string;

  constructor(
    private readonly parent: string,
    private readonly mount: string,
  ) {
    this.folder = path.join(mount, parent);
  }

  open(): Promise<void> {
    this.enableControllers();
    mkdirSync(this.folder, { recursive: true });
    writeGroupFile(`${this.folder}/cgroup.subtree_control`, CONTROLLERS);
    writeGroupFile(`${this.folder}/cpu.weight`, PARENT_WEIGHT);
    return Promise.resolve();
  }

  make(name: string): Cgroup {
    mkdirSync(path.join(this.folder, name), { recursive: true });
    return this.at(name);
  }

  at(name: string): Cgroup {
    return new CgroupV2(name, path.join(this.folder, name));
  }

  list(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  }

  runcPath(name: string): string {
    return `/${this.parent}/${name}`;
  }

  async remove(): Promise<void> {
    await removeGroupFolder(this.folder);
  }

  /** In a container the top group holds processes, and then it may not have controllers: they move to a child. */
  private enableControllers(): void {
    const file = `${this.mount}/cgroup.subtree_control`;
    try {
      writeGroupFile(file, CONTROLLERS);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      const shelter = path.join(this.mount, 'presage-host');
      mkdirSync(shelter, { recursive: true });
      for (const pid of processIds(readGroupFile(`${this.mount}/cgroup.procs`))) {
        writeGroupFile(`${shelter}/cgroup.procs`, pid);
      }
      writeGroupFile(file, CONTROLLERS);
    }
  }
}

class CgroupV2 implements Cgroup {
  constructor(
    readonly name: string,
    private readonly folder: string,
  ) {}

  get entrances(): string[] {
    return [`${this.folder}/cgroup.procs`];
  }

  limitForRestore(limits: CgroupLimits): void {
    writeGroupFile(`${this.folder}/memory.max`, limits.memoryBytes);
    writeGroupFile(`${this.folder}/pids.max`, limits.pids + RESTORE_TASKS);
    writeGroupFile(`${this.folder}/cpu.weight`, RESTORE_WEIGHT);
  }

  limit(limits: CgroupLimits): void {
    writeGroupFile(`${this.folder}/memory.max`, limits.memoryBytes);
    writeGroupFile(`${this.folder}/pids.max`, limits.pids);
    writeGroupFile(
      `${this.folder}/cpu.max`,
      `${Math.max(1000, (limits.cpuMillis * PERIOD_MICROS) / 1000)} ${PERIOD_MICROS}`,
    );
    writeGroupFile(
      `${this.folder}/cpu.weight`,
      Math.min(10_000, Math.max(1, Math.round((limits.cpuMillis * 100) / 1000))),
    );
  }

  freeze(): void {
    writeGroupFile(`${this.folder}/cgroup.freeze`, 1);
  }

  thaw(): void {
    writeGroupFile(`${this.folder}/cgroup.freeze`, 0);
  }

  isFrozen(): boolean {
    return keyedNumber(readGroupFile(`${this.folder}/cgroup.events`), 'frozen') === 1;
  }

  stats(): CgroupStats {
    const usage = Number(readGroupFile(`${this.folder}/memory.current`));
    const cache = keyedNumber(readGroupFile(`${this.folder}/memory.stat`), 'inactive_file');
    return {
      cpuMicros: keyedNumber(readGroupFile(`${this.folder}/cpu.stat`), 'usage_usec'),
      memoryBytes: Math.max(0, usage - cache),
      ...peakIn(readGroupFile(`${this.folder}/memory.peak`)),
      pids: Number(readGroupFile(`${this.folder}/pids.current`)),
    };
  }

  outOfMemoryKills(): number {
    return keyedNumber(readGroupFile(`${this.folder}/memory.events`), 'oom_kill');
  }

  processes(): number[] {
    return processIds(readGroupFile(`${this.folder}/cgroup.procs`));
  }

  async remove(): Promise<void> {
    await removeGroupFolder(this.folder);
  }
}
