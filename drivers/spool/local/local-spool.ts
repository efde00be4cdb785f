import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCodeOf } from '../../storage-error';
import type { Segment, Spool } from '../spool';

export interface LocalSpoolOptions<T> {
  readonly dir: string;
  /** Bound of all that waits, in bytes. */
  readonly maxBytes: number;
  /** A batch as a value that JSON can hold. */
  readonly write: (batch: T) => unknown;
  /** A batch out of what JSON gives back. @throws for what is none */
  readonly read: (value: unknown) => T;
  readonly log: { warn(fields: object, message: string): void };
}

/** `TIME-PROCESS-RANDOM.json`: sorted by time, and whose it is can be told. */
const SEGMENT = /^\d{15}-(\d+)-[0-9a-f]+\.json$/;
const BROKEN = '.broken';

/**
 * One file for each batch, written under another name and renamed, so that it is there whole or not at all. Several
 * processes may share the folder: each takes its own files and those of processes that are no more. Nothing is made
 * before it is needed: a process must be able to start on a full disk.
 */
export function createLocalSpool<T>(options: LocalSpoolOptions<T>): Spool<T> {
  const { dir, maxBytes, write, read, log } = options;
  const waiting = existsSync(dir) ? readdirSync(dir).filter(isOurs).sort() : [];
  let bytes = waiting.reduce((sum, name) => sum + sizeOf(path.join(dir, name)), 0);
  let lastTime = 0;

  async function append(batch: T): Promise<boolean> {
    const text = JSON.stringify(write(batch));
    const size = Buffer.byteLength(text);
    if (bytes + size > maxBytes) return false;
    lastTime = Math.max(Date.now(), lastTime + 1);
    const name = `${String(lastTime).padStart(15, '0')}-${process.pid}-${randomBytes(4).toString('hex')}.json`;
    const temporary = path.join(dir, `.${name}`);
    bytes += size;
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, path.join(dir, name));
      waiting.push(name);
      return true;
    } catch (error) {
      bytes -= size;
      await rm(temporary, { force: true }).catch(() => undefined);
      log.warn({ err: error, dir }, 'Records cannot be kept on the disk');
      return false;
    }
  }

  async function oldest(): Promise<Segment<T> | undefined> {
    for (let name = waiting[0]; name !== undefined; name = waiting[0]) {
      const current = name;
      const file = path.join(dir, current);
      try {
        const text = await readFile(file, 'utf8');
        return { batch: read(JSON.parse(text)), remove: () => forget(current, () => rm(file, { force: true })) };
      } catch (error) {
        log.warn({ err: error, file }, 'Records that were kept on the disk cannot be read; the file is put aside');
        await forget(current, () =>
          errorCodeOf(error) === 'ENOENT' ? Promise.resolve() : rename(file, file + BROKEN),
        );
      }
    }
    return undefined;
  }

  async function forget(name: string, away: () => Promise<void>): Promise<void> {
    const size = await stat(path.join(dir, name)).then(
      (found) => found.size,
      () => 0,
    );
    await away().catch((error: unknown) => log.warn({ err: error, name }, 'A file of the spool cannot be removed'));
    const index = waiting.indexOf(name);
    if (index !== -1) waiting.splice(index, 1);
    bytes = Math.max(0, bytes - size);
  }

  return {
    get bytes() {
      return bytes;
    },
    append,
    oldest,
  };
}

/** Not those that another process still writes and reads. */
function isOurs(name: string): boolean {
  const pid = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(pid)) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCodeOf(error) === 'ESRCH';
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
