import { chmodSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { runCommand } from '../process/run-command';
import { ensurePackages } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { findExecutable, isExecutable } from './find-executable';

const MINIMUM = { major: 1, minor: 25 };
/** Fetched as a Go module, the way the go command itself fetches a newer version, where the system's Go is too old. */
const FETCHED = '1.25.4';

/** A go command of at least 1.25. `scratch` takes a fetched one. @throws PlatformError unsupported, unavailable */
export async function ensureGo(scratch: string, progress: (line: string) => void): Promise<string> {
  const installed = await newestInstalled();
  if (installed && isEnough(installed.version)) return installed.file;
  if (!installed) await ensurePackages(['golang-go', 'ca-certificates'], progress);
  const bootstrap = installed?.file ?? findExecutable('go');
  if (!bootstrap) throw new PlatformError('unsupported', 'No go command was found after installing golang-go');
  if (isEnough(await versionOf(bootstrap))) return bootstrap;
  return fetchToolchain(bootstrap, scratch, progress);
}

/** Environment of a go command that keeps everything it fetches or builds below `scratch`, so that it can be removed. */
export function goEnv(scratch: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOPATH: path.join(scratch, 'path'),
    GOCACHE: path.join(scratch, 'cache'),
    GOTMPDIR: '',
    // Read-only module folders could not be removed afterwards.
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
}

/** Major and minor version of `go version`'s answer. */
export function parseGoVersion(text: string): { major: number; minor: number } | null {
  const match = /\bgo(\d+)\.(\d+)/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : null;
}

function isEnough(version: { major: number; minor: number } | null): boolean {
  return version !== null && (version.major > MINIMUM.major || version.minor >= MINIMUM.minor);
}

async function newestInstalled(): Promise<{ file: string; version: { major: number; minor: number } } | null> {
  const onPath = findExecutable('go');
  const debian = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => /^go-1\.\d+$/.test(name)) : [];
  const files = [onPath, ...debian.map((name) => path.join('/usr/lib', name, 'bin', 'go'))];
  let newest: { file: string; version: { major: number; minor: number } } | null = null;
  for (const file of files) {
    const version = file && isExecutable(file) ? await versionOf(file) : null;
    if (file && version && (!newest || version.minor > newest.version.minor)) newest = { file, version };
  }
  return newest;
}

async function versionOf(go: string): Promise<{ major: number; minor: number } | null> {
  try {
    return parseGoVersion(
      await runCommand(go, ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' }, cwd: '/' }),
    );
  } catch {
    return null;
  }
}

async function fetchToolchain(go: string, scratch: string, progress: (line: string) => void): Promise<string> {
  const platform = `linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const module = `golang.org/toolchain@v0.0.1-go${FETCHED}.${platform}`;
  progress(`fetching Go ${FETCHED} (the one installed is too old)`);
  await runCommand(go, ['mod', 'download', module], { env: goEnv(scratch), cwd: scratch });
  const root = path.join(scratch, 'path', 'pkg', 'mod', `golang.org`, `toolchain@v0.0.1-go${FETCHED}.${platform}`);
  makeExecutable(path.join(root, 'bin'));
  makeExecutable(path.join(root, 'pkg', 'tool'));
  return path.join(root, 'bin', 'go');
}

/** Modules carry no permission bits. */
function makeExecutable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(path.join(entry.parentPath, entry.name), 0o755);
  }
}
