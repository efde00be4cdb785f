import { existsSync } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';

const MOUNT_POINTS = ['proc', 'dev', 'tmp', 'run/fn', 'var/runtime'];

/**
 * Makes the folders that a sandbox mounts over in a root file system that came with the code. Every step is checked
 * for being a real folder: a link in an image could otherwise lead out of it.
 * @throws PlatformError start_failed
 */
export async function makeMountPoints(root: string): Promise<void> {
  for (const point of MOUNT_POINTS) {
    let folder = root;
    for (const name of point.split('/')) {
      folder = path.join(folder, name);
      const known = await lstat(folder).catch(() => undefined);
      if (known?.isDirectory()) continue;
      if (known || existsSync(folder)) {
        throw new PlatformError('start_failed', `In the image, /${path.relative(root, folder)} is not a folder`);
      }
      await mkdir(folder, { mode: 0o755 });
    }
  }
}
