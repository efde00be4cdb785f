import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from './setup/run-tool';

/** Mount points below a folder, deepest first. */
export function mountPointsBelow(folder: string): string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((point) => point.startsWith(`${folder}/`));
  return points.sort((one, other) => other.length - one.length);
}

/** How long an unused one is kept, for the next start of the same function. */
const LINGER_MS = 60_000;

interface Shown {
  users: number;
  /** Its mounting; undefined while nobody needs to see it. */
  ready: Promise<string> | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Shows folders of the host under short paths that the users of sandboxes can walk to, whatever the rights above the
 * originals. Each is mounted once and shared; a restore also needs its root to be a mount point.
 */
export class BindMounts {
  private readonly shown = new Map<string, Shown>();

  constructor(private readonly folder: string) {}

  /** Path under which `source` is seen; to be released once for each call. @throws PlatformError internal */
  async acquire(source: string): Promise<string> {
    const entry = this.hold(source);
    entry.ready ??= this.mount(source);
    try {
      return await entry.ready;
    } catch (error) {
      if (this.shown.get(source) === entry) this.shown.delete(source);
      throw error;
    }
  }

  /** As `acquire`, for a user who does not need to see it yet. */
  hold(source: string): Shown {
    let entry = this.shown.get(source);
    // an unused one may show a folder that was removed and made again meanwhile
    if (entry && entry.users === 0 && !sameFolder(source, this.pathOf(source))) {
      clearTimeout(entry.timer);
      entry = undefined;
    }
    entry ??= { users: 0, ready: undefined, timer: undefined };
    this.shown.set(source, entry);
    entry.users += 1;
    clearTimeout(entry.timer);
    return entry;
  }

  release(source: string): void {
    const entry = this.shown.get(source);
    if (!entry) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.timer = setTimeout(() => {
      this.shown.delete(source);
      unmountFolder(this.pathOf(source)).catch(() => undefined);
    }, LINGER_MS);
    entry.timer.unref();
  }

  /** Nobody uses any of them any more. */
  releaseAll(): void {
    for (const entry of this.shown.values()) entry.users = 0;
  }

  /** Takes away all that nobody uses, a dead agent's as well. */
  async sweep(): Promise<void> {
    for (const [source, entry] of this.shown) {
      if (entry.users > 0) continue;
      clearTimeout(entry.timer);
      this.shown.delete(source);
    }
    if (!existsSync(this.folder)) return;
    const used = new Set([...this.shown.keys()].map((source) => this.pathOf(source)));
    const points = readdirSync(this.folder).map((name) => path.join(this.folder, name));
    for (const point of points.filter((candidate) => !used.has(candidate))) await unmountFolder(point);
  }

  private pathOf(source: string): string {
    return path.join(this.folder, createHash('sha256').update(source).digest('hex').slice(0, 16));
  }

  private async mount(source: string): Promise<string> {
    const point = this.pathOf(source);
    await mkdir(point, { recursive: true });
    if (mountPointsBelow(this.folder).includes(point)) {
      if (sameFolder(source, point)) return point;
      await runTool('umount', ['-l', point]);
    }
    await runTool('mount', ['--bind', source, point]);
    // closed to writing: who deletes a dead agent's folder must not empty what it shows
    await runTool('mount', ['-o', 'remount,bind,ro', point]);
    await runTool('mount', ['--make-private', point]);
    return point;
  }
}

function sameFolder(one: string, other: string): boolean {
  try {
    const [first, second] = [statSync(one), statSync(other)];
    return first.ino === second.ino && first.dev === second.dev;
  } catch {
    return false;
  }
}

/** Unmounts a mount point, if it is one, and removes the empty folder. */
export async function unmountFolder(point: string): Promise<void> {
  if (mountPointsBelow(path.dirname(point)).includes(point)) await runTool('umount', ['-l', point]);
  await rmdir(point).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Removes a folder with all that is in it, mounts included but what is mounted untouched. */
export async function removeWithMounts(folder: string): Promise<void> {
  for (const point of mountPointsBelow(folder)) await runTool('umount', ['-l', point]);
  await rm(folder, { recursive: true, force: true });
}
