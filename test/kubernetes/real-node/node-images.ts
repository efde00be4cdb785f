import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureBase } from '../../../drivers/sandbox/runc/setup/ensure-base';
import type { PodImages } from '../../../drivers/sandbox/kubernetes/workload-objects';
import type { ImageRegistry } from './image-registry';
import type { NodeTools } from './node-tools';

const run = promisify(execFile);

/** Images made of this machine's own programs, pushed into the registry. */
export async function addNodeImages(
  registry: ImageRegistry,
  tools: NodeTools,
  cacheDir: string,
): Promise<{ readonly images: PodImages; readonly pause: string }> {
  const work = await mkdtemp(path.join(tmpdir(), 'presage-images-'));
  const add = async (name: string, root: string, command: string): Promise<string> => {
    const tar = path.join(work, `${name}.tar`);
    await run('tar', ['--numeric-owner', '--owner=0', '--group=0', '--exclude=./dev/*', '-C', root, '-cf', tar, '.']);
    return registry.add(name, '1', tar, [command]);
  };
  const single = async (name: string, program: string, links: readonly string[]): Promise<string> => {
    const root = path.join(work, name);
    for (const folder of ['bin', 'tmp', 'var', 'etc']) await mkdir(path.join(root, folder), { recursive: true });
    await copyFile(program, path.join(root, 'bin', name));
    await chmod(path.join(root, 'bin', name), 0o755);
    for (const link of links) await symlink(name, path.join(root, 'bin', link));
    await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nfn:x:1000:1000::/tmp:/bin/sh\n');
    return add(name, root, `/bin/${name}`);
  };
  try {
    const nodejs = await add('node', await ensureBase('node', cacheDir, () => undefined), '/usr/bin/node');
    const python = await add('python', await ensureBase('python3', cacheDir, () => undefined), '/usr/bin/python3');
    const fetch = await single('busybox', tools.busybox, ['sh', 'wget', 'tar', 'test']);
    const pause = await single('pause', tools.pause, []);
    return { images: { nodejs, python, http: nodejs, fetch }, pause };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
