import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { parentPath } from '../../../core/archive/entry-path';

/** Files by path as a tar: sorted, without times and owners, so that equal files give equal bytes. */
export async function packFiles(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const tar = pack();
  const common = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };
  for (const name of foldersOf(files.keys())) tar.entry({ ...common, name, mode: 0o755, type: 'directory' });
  for (const name of [...files.keys()].sort()) {
    tar.entry({ ...common, name, mode: 0o644, type: 'file' }, files.get(name) ?? '');
  }
  tar.finalize();
  return Buffer.concat(await Readable.from(tar).toArray());
}

/** Each before what is in it. */
function foldersOf(paths: Iterable<string>): readonly string[] {
  const folders = new Set<string>();
  for (const file of paths) {
    for (let folder = parentPath(file); folder !== ''; folder = parentPath(folder)) folders.add(folder);
  }
  return [...folders].sort();
}
