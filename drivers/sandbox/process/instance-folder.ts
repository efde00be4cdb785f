import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { runSpecSchema, type RunSpec } from '../../../core/function/run-spec';

/** Longest path a Unix socket can have on Linux. */
const SOCKET_PATH_MAX = 107;

const stateSchema = z.object({
  id: z.string(),
  /** The run spec without secrets. */
  run: runSpecSchema,
  codeDir: z.string(),
  port: z.number().nullable(),
  /** Null until it is started. */
  process: z.object({ pid: z.number(), startTime: z.number() }).nullable(),
});

/** What an agent must know to take over an instance of one that died. Holds no secret. */
export type InstanceRecord = z.infer<typeof stateSchema>;

/** Files of one instance, below `<runDir>/i/<id>`. */
export class InstanceFolder {
  readonly socketPath: string;
  readonly tmpDir: string;
  readonly logPaths: { readonly stdout: string; readonly stderr: string };

  constructor(private readonly root: string) {
    this.socketPath = path.join(root, 'fn/http.sock');
    this.tmpDir = path.join(root, 'tmp');
    this.logPaths = { stdout: path.join(root, 'stdout'), stderr: path.join(root, 'stderr') };
  }

  /** Makes folders and log pipes. @throws PlatformError start_failed when the path is too long for a socket, storage_full */
  async make(): Promise<void> {
    if (Buffer.byteLength(this.socketPath) > SOCKET_PATH_MAX) {
      const hint = `Choose a runDir at least ${Buffer.byteLength(this.socketPath) - SOCKET_PATH_MAX} characters shorter.`;
      throw new PlatformError('start_failed', `The socket path ${this.socketPath} is too long`, { hint });
    }
    try {
      await mkdir(path.dirname(this.socketPath), { recursive: true });
      await mkdir(this.tmpDir, { recursive: true });
      await chmod(this.root, 0o700);
      await promisify(execFile)('mkfifo', ['-m', '600', this.logPaths.stdout, this.logPaths.stderr]);
    } catch (error) {
      await this.remove();
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC' || String(error).includes('No space left');
      throw new PlatformError(
        full ? 'storage_full' : 'start_failed',
        `The instance folder cannot be made: ${this.root}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Writes the record whole or not at all. */
  async save(record: Omit<InstanceRecord, 'run'> & { run: RunSpec }): Promise<void> {
    const text = JSON.stringify({ ...record, run: { ...record.run, secretEnv: {} } });
    const draft = path.join(this.root, 'state.json.new');
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path.join(this.root, 'state.json'));
  }

  /** The record, or null where there is none that can be read. */
  async load(): Promise<InstanceRecord | null> {
    const text = await readFile(path.join(this.root, 'state.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return stateSchema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
