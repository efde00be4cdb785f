import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes the folder `target` all at once: `fill` works in a folder beside it, which then takes its name. Nobody ever
 * sees a half-made one, and when two do it at the same time the first to finish wins.
 */
export async function publishFolder(target: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target;
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  const temporary = await mkdtemp(`${target}.tmp-`);
  try {
    await fill(temporary);
    await rename(temporary, target).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}
