import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const schema = z.record(z.string(), z.string());

/**
 * Which pod is which instance, kept on this side so that a start costs no call for it: read by the process that comes after
 * this one.
 */
export class InstanceOwners {
  #ids = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();

  /** @param failed told when the file could not be written; the next change tries again */
  constructor(
    private readonly file: string,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Instance ids by the uid of their pods. A file that is missing or broken is empty. */
  async read(): Promise<ReadonlyMap<string, string>> {
    try {
      this.#ids = new Map(Object.entries(schema.parse(JSON.parse(await readFile(this.file, 'utf8')))));
    } catch {
      this.#ids = new Map();
    }
    return new Map(this.#ids);
  }

  own(podUid: string, id: string): void {
    this.#ids.set(podUid, id);
    this.#save();
  }

  disown(id: string): void {
    for (const [uid, owner] of this.#ids) if (owner === id) this.#ids.delete(uid);
    this.#save();
  }

  /** Resolves when what is known now is on the disk. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  #save(): void {
    this.#writing = this.#writing.then(() => this.#write()).catch(this.failed);
  }

  async #write(): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(this.#ids));
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    await writeFile(`${this.file}.new`, text, { mode: 0o600 });
    await rename(`${this.file}.new`, this.file);
  }
}
