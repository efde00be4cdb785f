import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import { publishFolder } from '../../drivers/sandbox/runc/setup/publish-folder';
import { startBuildClock } from '../../workers/all/prerequisites/build-clock';
import { ensureGo, goEnvKeeping } from '../../workers/all/prerequisites/go-toolchain';
import { runCommand } from '../../workers/all/process/run-command';

/** A program that is built from Go modules. */
export interface GoProgram {
  /** Name of its file, in `folder`. */
  readonly name: string;
  /** Where it is kept. */
  readonly folder: string;
  /** For people: `Helm 3.19.4`, and how long it takes from nothing. */
  readonly called: string;
  readonly usual: string;
  /** Beside Go and a module proxy. */
  readonly needs: string;
  /** Of the go command; `output` is the folder in which it is to leave the program. */
  readonly args: (output: string) => readonly string[];
  /** Folder of the module; default: an empty one. */
  readonly sources?: string;
}

/**
 * Path of the program, built where it is not yet.
 * @param cache where a fetched Go keeps what it builds
 * @throws PlatformError unavailable when it cannot be built, with what to do as the hint
 */
export async function ensureGoProgram(
  { name, folder, called, usual, needs, args, sources }: GoProgram,
  progress: (line: string) => void,
  cache: string,
): Promise<string> {
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  const scratch = await mkdtemp(path.join(tmpdir(), 'presage-build-'));
  const clock = startBuildClock(usual, progress);
  try {
    progress(`${called}: building ${name} from its Go modules`);
    const go = await ensureGo(scratch, progress);
    await publishFolder(folder, async (output) => {
      const env = { ...goEnvKeeping(go, scratch, cache), GOBIN: output };
      await runCommand(go, [...args(output)], { cwd: sources ?? scratch, env, onLine: clock.line });
    });
    return file;
  } catch (error) {
    throw new PlatformError('unavailable', `${called} could not be built: ${(error as Error).message}`, {
      cause: error,
      hint: `It needs Go 1.25 or newer, which is fetched where there is none, and a Go module proxy (GOPROXY)${needs}.`,
    });
  } finally {
    clock.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}
