import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../process/run-command';
import { FETCHED_GO, fetchGo } from './fetch-go';
import { findExecutable, isExecutable } from './find-executable';

const MINIMUM = { major: 1, minor: 25 };

/**
 * A go command of at least 1.25: the newest of this machine, else one that is fetched into `scratch`.
 * @throws PlatformError unsupported, unavailable
 */
export async function ensureGo(scratch: string, progress: (line: string) => void): Promise<string> {
  const installed = await newestInstalled();
  if (installed && isEnough(installed.version)) return installed.file;
  const why = installed
    ? `the one installed is ${installed.version.major}.${installed.version.minor}`
    : 'none is installed';
  progress(`fetching Go ${FETCHED_GO} (${why})`);
  return fetchGo(path.join(scratch, 'go'), { proxies: process.env['GOPROXY'] });
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

/**
 * Environment of a build that others follow which share most of its packages: what is fetched and built is kept, by a Go of the
 * machine's own where it always does, by a fetched one below `cache`.
 * @param go as `ensureGo` gave it for `scratch`
 */
export function goEnvKeeping(go: string, scratch: string, cache: string): NodeJS.ProcessEnv {
  if (go.startsWith(scratch)) return goEnv(path.join(cache, `go-${FETCHED_GO}`));
  return { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', CGO_ENABLED: '0' };
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
