import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { publishFolder } from '../../../drivers/sandbox/runc/setup/publish-folder';

const run = promisify(execFile);
const PACKAGES = ['containerd', 'containernetworking-plugins', 'busybox-static', 'criu'];
/** Raise when what is kept changes. */
const LAYOUT = 2;
/** CRIU needs newer libraries than the host may have: it runs with its own, wherever this folder is. */
const CRIU = `#!/bin/sh
home=$(cd "$(dirname "$0")/../criu" && pwd)
exec "$home"/ld-linux-*.so.* --library-path "$home" "$home/criu" "$@"
`;
/** The sandbox of every pod: it waits, and takes in children that were left alone. */
const PAUSE = `#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void leave(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) { } }
int main(void) {
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
`;

/** Programs of a node, none of them installed. */
export interface NodeTools {
  /** Folder with containerd, its shim, ctr and criu. */
  readonly bin: string;
  /** Folder of the network plugins. */
  readonly cni: string;
  readonly busybox: string;
  readonly pause: string;
}

/**
 * Fetches Debian's packages of a container node into the cache, by an apt state of its own; kept as
 * `<cacheDir>/kubernetes-node/<layout>`. Some 60 MB, once.
 */
export async function ensureNodeTools(cacheDir: string): Promise<NodeTools> {
  const home = await publishFolder(path.join(cacheDir, 'kubernetes-node', String(LAYOUT)), async (folder) => {
    const work = await mkdtemp(path.join(tmpdir(), 'presage-node-tools-'));
    try {
      await fill(folder, work);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return {
    bin: path.join(home, 'bin'),
    cni: path.join(home, 'cni'),
    busybox: path.join(home, 'busybox'),
    pause: path.join(home, 'pause'),
  };
}

async function fill(folder: string, work: string): Promise<void> {
  const root = path.join(work, 'root');
  for (const archive of await download(work)) await run('dpkg-deb', ['-x', archive, root]);
  await mkdir(path.join(folder, 'criu'));
  const libraries = `find '${root}' \\( -name '*.so' -o -name '*.so.*' \\) -not -path '*/python*' -not -path '*/gconv/*'`;
  await run('sh', [
    '-c',
    `${libraries} -exec cp -L -t '${folder}/criu' {} + 2>/dev/null; cp '${root}/usr/sbin/criu' '${folder}/criu/'`,
  ]);
  await mkdir(path.join(folder, 'bin'));
  for (const name of ['containerd', 'containerd-shim-runc-v2', 'ctr'])
    await copyFile(path.join(root, 'usr/bin', name), path.join(folder, 'bin', name));
  await cp(path.join(root, 'usr/lib/cni'), path.join(folder, 'cni'), { recursive: true });
  await copyFile(path.join(root, 'usr/bin/busybox'), path.join(folder, 'busybox'));
  await writeFile(path.join(folder, 'bin/criu'), CRIU, { mode: 0o755 });
  const source = path.join(work, 'pause.c');
  await writeFile(source, PAUSE);
  await run('gcc', ['-O2', '-static', '-s', '-o', path.join(folder, 'pause'), source]);
  await chmod(folder, 0o755);
}

async function download(work: string): Promise<string[]> {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)']);
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined) throw new Error('the apt sources name no Debian mirror');
  await mkdir(path.join(work, 'lists/partial'), { recursive: true });
  await mkdir(path.join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(path.join(work, 'status'), '');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  await writeFile(path.join(work, 'sources.list'), `deb [signed-by=${keys}] ${mirror} sid main\n`);
  const options = [
    `Dir::State::lists=${work}/lists`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache=${work}/cache`,
    `Dir::Etc::sourcelist=${work}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'Acquire::Check-Valid-Until=false',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', [...options, 'update', '-qq']);
  await run('apt-get', [...options, 'install', '-y', '-d', '-qq', '--no-install-recommends', ...PACKAGES]);
  const archives = path.join(work, 'cache/archives');
  return (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => path.join(archives, name));
}
