import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import path from 'node:path';

export interface LogFileOptions {
  /** Bytes after which the file is put aside. */
  readonly maxBytes?: number;
  /** Older files kept beside it, named .1 (youngest) and up. */
  readonly keep?: number;
}

/**
 * The log of one child process. The child writes to the file itself, so that it outlives the supervisor; therefore the file
 * is put aside by copying and truncating it, which keeps the child's handle good (it is opened for appending).
 */
export class LogFile {
  private readonly maxBytes: number;
  private readonly keep: number;

  constructor(
    readonly file: string,
    options: LogFileOptions = {},
  ) {
    this.maxBytes = options.maxBytes ?? 16 * 2 ** 20;
    this.keep = options.keep ?? 3;
    mkdirSync(path.dirname(file), { recursive: true });
  }

  /** A descriptor to hand to a child as stdout and stderr; the caller closes its own copy with `closeSync`. */
  openForChild<T>(use: (descriptor: number) => T): T {
    const descriptor = openSync(this.file, 'a', 0o600);
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Puts the file aside when it has grown past its bound. Lines written in the instant between copy and cut are lost. */
  rotateIfLarge(): boolean {
    if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) <= this.maxBytes) return false;
    for (let age = this.keep - 1; age >= 1; age -= 1) {
      if (existsSync(`${this.file}.${age}`)) renameSync(`${this.file}.${age}`, `${this.file}.${age + 1}`);
    }
    if (this.keep > 0) copyFileSync(this.file, `${this.file}.1`);
    truncateSync(this.file, 0);
    return true;
  }

  size(): number {
    return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** The last lines, at most 16 KiB of them, of what was written after byte `from`. */
  lastLines(count: number, from = 0): readonly string[] {
    const size = this.size();
    const begin = Math.max(from > size ? 0 : from, size - 16 * 1024);
    const buffer = Buffer.alloc(size - begin);
    if (buffer.length === 0) return [];
    const descriptor = openSync(this.file, 'r');
    try {
      const length = readSync(descriptor, buffer, 0, buffer.length, begin);
      const lines = buffer.toString('utf8', 0, length).split('\n').filter(Boolean);
      return lines.slice(-count);
    } finally {
      closeSync(descriptor);
    }
  }
}
