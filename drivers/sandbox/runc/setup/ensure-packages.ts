import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../../core/error/platform-error';
import { runTool } from './run-tool';

/** Takes one line of progress, without a newline. */
export type SetupLog = (line: string) => void;

const SEARCH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Absolute path of a program, looked for on PATH and in the usual system folders. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/')), ...SEARCH];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/**
 * Installs Debian packages that are not there yet. Needs root and the network only when one is missing.
 * @throws PlatformError unsupported with the command to run by hand
 */
export async function ensurePackages(packages: readonly string[], log: SetupLog): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!findProgram('apt-get') || process.getuid?.() !== 0) {
    throw new PlatformError('unsupported', `These packages are missing: ${missing.join(', ')}`, {
      hint: `Install them as root, on Debian or Ubuntu with: ${command}`,
    });
  }
  log(`installing ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...wait, ...missing];
  try {
    await runTool('apt-get', ['update', '-qq', ...wait], { env });
    await runTool('apt-get', install, { env });
  } catch (error) {
    throw new PlatformError('unsupported', `apt-get could not install ${missing.join(', ')}: ${String(error)}`, {
      cause: error,
      hint: `Run by hand as root: ${command}`,
    });
  }
}

async function missingPackages(packages: readonly string[]): Promise<string[]> {
  if (!findProgram('dpkg-query')) return [...packages];
  const format = '${Package} ${Status}\n';
  // dpkg-query fails when it does not know one of them, but prints the others all the same
  const listed = await runTool('sh', ['-c', `dpkg-query -W -f='${format}' "$@" 2>/dev/null; true`, 'sh', ...packages]);
  const installed = new Set(
    listed
      .split('\n')
      .filter((line) => line.endsWith(' install ok installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

/** runc, nftables and iproute2: what the sandbox driver calls at run time. Gives the path of runc. */
export async function ensureRunc(log: SetupLog): Promise<string> {
  const wanted = { runc: 'runc', nft: 'nftables', ip: 'iproute2', mount: 'mount' };
  const missing = Object.entries(wanted).filter(([program]) => !findProgram(program));
  if (missing.length > 0)
    await ensurePackages(
      missing.map(([, name]) => name),
      log,
    );
  const runc = findProgram('runc');
  if (!runc) throw new PlatformError('unsupported', 'runc is not on PATH although its package is installed');
  return runc;
}
