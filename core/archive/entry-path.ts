import { PlatformError } from '../error/platform-error';

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;
const MAX_DEPTH = 128;

/** An error about one entry; the name is shown escaped and clipped, since it comes from a stranger. */
export function archiveError(name: string, what: string, hint: string): PlatformError {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
  return new PlatformError('invalid_archive', `The archive's entry ${shown} ${what}`, { hint });
}

/**
 * An entry's name as a relative path without `.` and empty parts; empty for the root itself.
 * @throws PlatformError invalid_archive for what would leave the folder it is unpacked to
 */
export function entryPath(name: string): string {
  const repack = 'Pack the files with paths relative to the function folder, e.g. tar -czf code.tgz -C FOLDER .';
  if (name.startsWith('/')) throw archiveError(name, 'has an absolute path', repack);
  if ([...name].some((character) => character < ' ' || character === '\x7f')) {
    throw archiveError(name, 'has a control character in its name', 'Rename the file.');
  }
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw archiveError(name, 'leads out of the archive by ".."', repack);
  const shorten = 'Rename or move it to a shorter path.';
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES)) {
    throw archiveError(name, `has a name longer than ${MAX_NAME_BYTES} bytes`, shorten);
  }
  const path = parts.join('/');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES || parts.length > MAX_DEPTH) {
    throw archiveError(name, `has a path longer than ${MAX_PATH_BYTES} bytes or ${MAX_DEPTH} folders`, shorten);
  }
  return path;
}

/** Where a path is: empty for the root's own entries. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
