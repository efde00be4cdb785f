import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { commandLine, identify, isRunning, type ProcessIdentity } from './process-identity';

const recordSchema = z.object({
  name: z.string(),
  pid: z.number().int(),
  startTicks: z.number(),
  bootId: z.string(),
  /** A word that its command line must hold, whatever it has exec'ed meanwhile. */
  commandWord: z.string(),
  /** Equal fingerprints run the same command with the same settings. */
  fingerprint: z.string(),
  startedAt: z.string(),
  /** What the supervisor wants the next `npm start` to say: addresses by name. */
  addresses: z.record(z.string(), z.string()).default({}),
  ready: z.boolean().default(false),
});

export type PidRecord = z.infer<typeof recordSchema>;

/** One small JSON file for each process that this machine runs for a data folder; survives the supervisor. */
export class PidFiles {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Whole or not at all: a reader never sees half a record. */
  write(record: PidRecord): void {
    const temporary = this.fileOf(`.${record.name}-${process.pid}`);
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameSync(temporary, this.fileOf(record.name));
  }

  /** Writes the record unless one of that name runs already. @returns whether it was written */
  claim(record: PidRecord): boolean {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (this.running(record.name)) return false;
      try {
        writeFileSync(this.fileOf(record.name), JSON.stringify(record), { mode: 0o600, flag: 'wx' });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
    return false;
  }

  /** The record of a process that still runs; what is left of a dead or foreign one is removed. */
  running(name: string): PidRecord | null {
    const record = this.recorded(name);
    if (!record) return null;
    if (isRunning(record) && commandLine(record.pid).some((word) => word.includes(record.commandWord))) return record;
    this.remove(name);
    return null;
  }

  allRunning(): readonly PidRecord[] {
    const names = readdirSync(this.folder).filter((file) => file.endsWith('.json') && !file.startsWith('.'));
    return names.map((file) => this.running(file.slice(0, -'.json'.length))).filter((record) => record !== null);
  }

  remove(name: string): void {
    rmSync(this.fileOf(name), { force: true });
  }

  /** The record as it stands, whether or not its process runs. */
  recorded(name: string): PidRecord | null {
    try {
      return recordSchema.parse(JSON.parse(readFileSync(this.fileOf(name), 'utf8')));
    } catch {
      // Missing, or not of this version: there is nothing that could be ended by it.
      return null;
    }
  }

  private fileOf(name: string): string {
    return path.join(this.folder, `${name}.json`);
  }
}

/** The record of a process just started. @throws when it has ended already */
export function recordOf(
  pid: number,
  name: string,
  commandWord: string,
  fingerprint: string,
  now: Date,
): PidRecord | null {
  const identity: ProcessIdentity | null = identify(pid);
  return identity
    ? { ...identity, name, commandWord, fingerprint, startedAt: now.toISOString(), addresses: {}, ready: false }
    : null;
}
