import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MIB = 2 ** 20;

/** A small file system of its own, in memory. @param mebibytes its size */
export function mountSmallDisk(mebibytes: number): { readonly folder: string; unmount(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'presage-bench', folder]);
  return {
    folder,
    unmount: () => {
      execFileSync('umount', ['-l', folder]);
      rmdirSync(folder);
    },
  };
}

/** Uses up all that a file system has left. The function given back frees it again. */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, '.filler');
  const handle = await open(file, 'w', 0o600);
  for (const size of [MIB, 4096]) {
    const piece = Buffer.alloc(size);
    for (let room = true; room;) {
      room = await handle.write(piece).then(
        ({ bytesWritten }) => bytesWritten > 0,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOSPC') return false;
          throw error;
        },
      );
    }
  }
  await handle.close();
  return () => rm(file);
}
