import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';

/** Small files are read whole, so that their headers are right even if they grow. */
const SMALL_BYTES = 256 * 1024;

/** A folder with all that is in it. @param name of the folder in the archive; empty: its root */
export async function addTree(archive: Pack, folder: string, name: string): Promise<void> {
  if (name !== '') await addEntry(archive, { name: `${name}/`, type: 'directory', mode: 0o755 });
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    const inside = name === '' ? entry.name : `${name}/${entry.name}`;
    if (entry.isDirectory()) await addTree(archive, file, inside);
    else if (entry.isSymbolicLink())
      await addEntry(archive, { name: inside, type: 'symlink', linkname: await readlink(file) });
    else if (entry.isFile()) await addFile(archive, file, inside);
  }
}

export async function addFile(archive: Pack, file: string, name: string): Promise<void> {
  const { size, mode, mtime } = await lstat(file);
  const header = { name, mode: (mode & 0o111) === 0 ? 0o644 : 0o755, mtime };
  if (size <= SMALL_BYTES) return addEntry(archive, header, await readFile(file));
  const entry = archive.entry({ ...header, size });
  await pipeline(createReadStream(file, { end: size - 1 }), entry);
}

export function addEntry(archive: Pack, header: Parameters<Pack['entry']>[0], content?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content ?? Buffer.alloc(0), (error) => (error ? reject(error) : resolve()));
  });
}
