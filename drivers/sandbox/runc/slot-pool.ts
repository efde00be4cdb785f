import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup, CgroupTree } from './cgroup/cgroup';
import { removeWithMounts } from './bind-mounts';
import { ParkedShell } from './parked-shell';
import { HOST_FUNCTION_USER } from './user-mapping';

/** What a start finds prepared: the instance's folder under a temporary name, its control group, a parked shell. */
export interface Slot {
  readonly folder: string;
  readonly cgroup: Cgroup;
  readonly shell: ParkedShell;
}

/** `restore` slots wait inside their control groups; for `cold` ones runc makes and enters them. */
export type SlotKind = 'restore' | 'cold';

/** Refilling takes cores from starts and first requests, so it waits until there was none for so long. */
const QUIET_MS = 30;

/** Keeps some slots of each kind ready and makes new ones in the background. */
export class SlotPool {
  private readonly free: Record<SlotKind, Slot[]> = { restore: [], cold: [] };
  private readonly own = new Set<string>();
  private counter = 0;
  private busy = 0;
  private lastEnd = -Infinity;
  private refilling: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly folder: string,
    private readonly tree: CgroupTree,
    private readonly targets: Readonly<Record<SlotKind, number>>,
    /** Waits in `restore` slots. */
    private readonly criu: string | null,
    /** Differs for each life of the agent, so that names do not come again. */
    private readonly epoch: string,
  ) {}

  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o711 });
  }

  /** A ready slot, else a new one (some 20 ms). */
  async take(kind: SlotKind): Promise<Slot> {
    for (let slot = this.free[kind].pop(); slot; slot = this.free[kind].pop()) {
      if (slot.shell.waits) return slot;
      await this.discard(slot);
    }
    return this.make(kind, true);
  }

  /** Starts are under way, or one has just ended and serves its first request. */
  get isBusy(): boolean {
    return this.busy > 0 || performance.now() - this.lastEnd < QUIET_MS;
  }

  /** Between these two nothing is made in the background. */
  startBegins(): void {
    this.busy += 1;
  }

  startEnds(): void {
    this.busy -= 1;
    this.lastEnd = performance.now();
    this.refill();
  }

  /** Makes slots in the background, one by one, while no start is under way. */
  refill(): void {
    if (this.closed || this.refilling) return;
    this.refilling = this.fill()
      .catch(() => undefined)
      .finally(() => (this.refilling = undefined));
  }

  /** Whether a name of a folder or group below is one of this pool's, taken or not. */
  owns(name: string): boolean {
    return this.own.has(name);
  }

  /** That slot has become an instance: its folder and group are no longer this pool's. */
  forget(name: string): void {
    this.own.delete(name);
  }

  /** Ends a slot that was not used; `folder` is where it lies by now. */
  async discard(slot: Slot, folder = slot.folder): Promise<void> {
    await slot.shell.end();
    await removeWithMounts(folder);
    await slot.cgroup.remove();
    this.own.delete(slot.cgroup.name);
  }

  /** Removes slots that a dead agent left. */
  async sweep(): Promise<void> {
    if (!existsSync(this.folder)) return;
    const names = readdirSync(this.folder).filter((name) => !this.own.has(name));
    for (const name of names) await removeWithMounts(path.join(this.folder, name));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.refilling;
    const left = Object.values(this.free).flatMap((slots) => slots.splice(0));
    await Promise.all(left.map((slot) => this.discard(slot)));
  }

  private async fill(): Promise<void> {
    for (const kind of ['restore', 'cold'] as const) {
      while (!this.closed && this.free[kind].length < this.targets[kind]) {
        if (this.isBusy) {
          await delay(QUIET_MS);
          continue;
        }
        const slot = await this.make(kind, false);
        this.free[kind].push(slot);
      }
    }
  }

  private async make(kind: SlotKind, urgent: boolean): Promise<Slot> {
    this.counter += 1;
    const name = `${this.epoch}-${this.counter.toString(36)}`;
    this.own.add(name);
    const folder = path.join(this.folder, name);
    const tmp = path.join(folder, 'tmp');
    const socket = path.join(folder, 'fn');
    const cgroup = kind === 'restore' ? this.tree.make(name) : this.tree.at(name);
    try {
      await mkdir(tmp, { recursive: true });
      await mkdir(socket);
      await chmod(folder, 0o711);
      await chown(socket, HOST_FUNCTION_USER, HOST_FUNCTION_USER);
      const inside =
        kind === 'restore' ? { entrances: cgroup.entrances, criu: this.criu } : { entrances: [], criu: null };
      const shell = await ParkedShell.park({ tmp, urgent, ...inside });
      return { folder, cgroup, shell };
    } catch (error) {
      await removeWithMounts(folder).catch(() => undefined);
      await cgroup.remove().catch(() => undefined);
      this.own.delete(name);
      throw error;
    }
  }
}
