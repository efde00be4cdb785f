import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { PlatformError } from '../../../../core/error/platform-error';
import { assetPath } from '../../../asset-path';
import { ensurePackages, type SetupLog } from './ensure-packages';
import { publishFolder } from './publish-folder';
import { runTool } from './run-tool';

const PATCH = 'drivers/sandbox/runc/setup/criu.patch';

/** The version our patch was made for; used when the mirror's newest no longer takes it. */
const KNOWN_SOURCE = 'https://github.com/checkpoint-restore/criu/archive/refs/tags/v4.2.1.tar.gz';

const BUILD_PACKAGES =
  'gcc make pkg-config libc6-dev dpkg-dev xz-utils patch libprotobuf-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler python3-protobuf libnl-3-dev libnl-genl-3-dev libcap-dev libnet1-dev uuid-dev libbsd-dev'.split(
    ' ',
  );

/**
 * Path of a static CRIU with our patch (`criu.patch`), built once from Debian's source (about a minute) and kept as
 * `<cacheDir>/criu/<version>-<patch>/criu`. `PRESAGE_CRIU_TARBALL` names a source archive to use instead.
 * @throws PlatformError unsupported when it cannot be built here
 */
export async function ensureCriu(cacheDir: string, log: SetupLog): Promise<string> {
  const patch = assetPath(PATCH);
  const patchKey = createHash('sha256')
    .update(await readFile(patch))
    .digest('hex')
    .slice(0, 12);
  const home = path.join(cacheDir, 'criu');
  const found = (await readdir(home).catch(() => [] as string[])).find(
    (name) => name.endsWith(`-${patchKey}`) && existsSync(path.join(home, name, 'criu')),
  );
  if (found) return path.join(home, found, 'criu');

  await ensurePackages(BUILD_PACKAGES, log);
  const work = await mkdtemp(path.join(tmpdir(), 'presage-criu-'));
  try {
    const source = await patchedSource(work, patch, log);
    log(`building ${path.basename(source)}`);
    await build(source);
    const version = path.basename(source).replace(/^criu-/, '');
    const folder = await publishFolder(path.join(home, `${version}-${patchKey}`), async (target) => {
      await chmod(target, 0o755);
      await runTool('strip', ['-o', path.join(target, 'criu'), path.join(source, 'criu/criu')]);
      await copyFile(path.join(source, 'COPYING'), path.join(target, 'COPYING'));
    });
    return path.join(folder, 'criu');
  } catch (error) {
    throw new PlatformError('unsupported', `CRIU could not be built: ${(error as Error).message}`, {
      cause: error,
      hint: 'Give the source of CRIU 4.2.1 in PRESAGE_CRIU_TARBALL, or run with --sandbox process.',
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The first source that takes the patch; gives its folder, patched. */
async function patchedSource(work: string, patch: string, log: SetupLog): Promise<string> {
  const given = process.env['PRESAGE_CRIU_TARBALL'];
  const sources = given ? [() => Promise.resolve(given)] : [() => fromDebian(work), () => fromRelease(work)];
  let last: unknown = new Error('no source of CRIU was found');
  for (const source of sources) {
    try {
      const folder = await unpack(await source(), work);
      await runTool('patch', ['-p1', '-s', '-i', patch], { cwd: folder });
      return folder;
    } catch (error) {
      log(`this source of CRIU does not do: ${(error as Error).message.split('\n')[0] ?? ''}`);
      last = error;
    }
  }
  throw last;
}

async function unpack(archive: string, work: string): Promise<string> {
  const target = await mkdtemp(path.join(work, 'source-'));
  await runTool('tar', ['-xf', archive, '-C', target]);
  const folder = (await readdir(target)).find((name) => name.startsWith('criu-'));
  if (!folder) throw new Error(`${archive} holds no folder criu-*`);
  return path.join(target, folder);
}

/** Debian's newest source, by an apt state of our own: the host's sources stay as they are. */
async function fromDebian(work: string): Promise<string> {
  const uris = await runTool('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const mirror = uris.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) {
    throw new Error('The apt sources name no Debian mirror; give CRIU’s source by PRESAGE_CRIU_TARBALL=FILE');
  }
  const apt = path.join(work, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    await mkdir(path.join(apt, folder), { recursive: true });
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = existsSync(keys) ? `[signed-by=${keys}] ` : '';
  await writeFile(path.join(apt, 'sources.list'), `deb-src ${signed}${mirror} sid main\n`);
  const options = [
    `Dir::State::lists=${apt}/lists`,
    `Dir::Cache=${apt}/cache`,
    `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'Acquire::Check-Valid-Until=false',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await runTool('apt-get', [...options, 'update', '-qq']);
  await runTool('apt-get', [...options, 'source', '--tar-only', '-qq', 'criu'], { cwd: work });
  const archive = (await readdir(work)).find((name) => /^criu_.*\.orig\.tar\.\w+$/.test(name));
  if (!archive) throw new Error('the mirror has no source of CRIU');
  return path.join(work, archive);
}

async function fromRelease(work: string): Promise<string> {
  const response = await fetch(KNOWN_SOURCE, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${KNOWN_SOURCE} answered ${response.status}`);
  const archive = path.join(work, 'release.tar.gz');
  await writeFile(archive, Buffer.from(await response.arrayBuffer()));
  return archive;
}

async function build(source: string): Promise<void> {
  const makefile = path.join(source, 'Makefile.config');
  const text = await readFile(makefile, 'utf8');
  // libraries that may be around but have no static form are not to be found
  const hidden = text.replace(
    /pkg-config-check,(libnftables|libselinux|libbpf|libdrm|gnutls)/g,
    'pkg-config-check,none-of-$1',
  );
  await writeFile(makefile, hidden);
  await runTool(
    'make',
    [
      '-s',
      `-j${cpus().length}`,
      'criu',
      // CRIU keeps what it learned of the kernel here; on a disk each restore would cost 24 ms more
      'RUNDIR=/dev/shm',
      'NETWORK_LOCK_DEFAULT=NETWORK_LOCK_SKIP',
      'NO_GNUTLS=1',
      // LDFLAGS=-static would break the parasite code that CRIU injects
      'GMONLDOPT=-static',
    ],
    { cwd: source },
  );
}
