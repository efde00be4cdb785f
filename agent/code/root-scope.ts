import { chmodSync, lstatSync, mkdirSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import { archiveError, parentPath } from '../../core/archive/entry-path';
import { errorCodeOf } from '../../drivers/storage-error';

const MAX_FOLLOWED = 40;

/**
 * Finds real folders in an image's root the way a process inside it would: links, absolute ones too, are taken from the
 * image's own root, so that nothing is ever written outside of it.
 */
export class RootScope {
  /** Relative paths known to be real folders all the way: most entries lie beside the one before. */
  private readonly known = new Set<string>();

  constructor(readonly root: string) {}

  /** Where the entry is to be written: its parent resolved and made where missing, its own name not followed. */
  place(entry: string): string {
    return path.join(this.folder(parentPath(entry)), path.basename(entry));
  }

  /** Call after a link was made or anything was removed or replaced. */
  forget(): void {
    this.known.clear();
  }

  private folder(relative: string): string {
    if (this.known.has(relative)) return path.join(this.root, relative);
    const at: string[] = [];
    const parts = relative.split('/').reverse();
    let followed = 0;
    while (parts.length > 0) {
      const part = parts.pop();
      if (part === undefined || part === '' || part === '.') continue;
      if (part === '..') {
        at.pop();
        continue;
      }
      const here = path.join(this.root, ...at, part);
      const found = lstatOrNull(here);
      if (found?.isSymbolicLink()) {
        if ((followed += 1) > MAX_FOLLOWED)
          throw archiveError(relative, 'lies under links without end', 'Export the image again.');
        const target = readlinkSync(here);
        if (target.startsWith('/')) at.length = 0;
        parts.push(...target.split('/').reverse());
      } else if (found && !found.isDirectory()) {
        throw archiveError(relative, 'lies under a file', 'Export the image again.');
      } else {
        if (!found) makeFolderSync(here);
        at.push(part);
      }
    }
    if (followed === 0) this.known.add(relative);
    return path.join(this.root, ...at);
  }
}

/** Readable by all, whatever the umask is. */
function makeFolderSync(folder: string): void {
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}

/** Null where nothing is. */
export function lstatOrNull(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
