import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { AgentLog } from '../agent-log';

const WRITE_AFTER_MS = 200;

/**
 * A small value that outlives the agent: read once, written whole (beside, then renamed) shortly after each change.
 * A file that cannot be read starts empty: everything in it can be learnt again.
 */
export class DurableJson<T> {
  readonly #file: string;
  readonly #log: AgentLog;
  readonly #snapshot: () => T;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, log: AgentLog, snapshot: () => T) {
    this.#file = file;
    this.#log = log;
    this.#snapshot = snapshot;
  }

  async read(schema: z.ZodType<T>): Promise<T | null> {
    try {
      return schema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#log.warn({ file: this.#file, error: String(error) }, 'a state file cannot be read; starting without it');
      }
      return null;
    }
  }

  changed(): void {
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS).unref();
  }

  /** Resolves when the value as it is now is on disk; a failure is logged, the next change tries again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    try {
      await mkdir(path.dirname(this.#file), { recursive: true });
      await writeFile(`${this.#file}.new`, JSON.stringify(this.#snapshot()), { mode: 0o600 });
      await rename(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#log.error({ file: this.#file, error: String(error) }, 'a state file cannot be written');
    }
  }
}
