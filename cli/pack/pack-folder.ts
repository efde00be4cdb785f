import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Headers, type Pack, pack } from 'tar-stream';
import { findEscapingLink } from '../../core/archive/link-scope';
import { PlatformError } from '../../core/error/platform-error';
import { parseIgnoreRules } from './ignore-rules';

/** Never part of a function: history, our own state, and byte code that is tied to times the archive does not keep. */
const ALWAYS_IGNORED = '.git/\n.presage/\n__pycache__/\n.DS_Store\n';
export const IGNORE_FILE = '.presageignore';

export interface PackOptions {
  /** More patterns, after those of `.presageignore`. */
  readonly ignore?: readonly string[];
  /** Called for each entry, for a progress line. */
  readonly onEntry?: (path: string, bytes: number) => void;
}

interface FoundEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly bytes: number;
  readonly executable: boolean;
  readonly target: string;
}

/**
 * A folder as tar.gz, without what `.presageignore` names: sorted, without times, owners and other traces of the machine,
 * so that equal folders give equal bytes. The stream fails with PlatformError invalid_argument for a folder that is not
 * there, a link that leads out of it, or what is neither file, folder nor link.
 */
export function packFolder(folder: string, options: PackOptions = {}): Readable {
  const out = new PassThrough();
  const tar = pack();
  // A fixed level: the digest must not depend on the library's default.
  const zipped = pipeline(tar, createGzip({ level: 6 }), out);
  write(folder, tar, options).catch((error: Error) => tar.destroy(error));
  zipped.catch((error: Error) => out.destroy(error));
  return out;
}

async function write(folder: string, tar: Pack, options: PackOptions): Promise<void> {
  const entries = await findEntries(folder, options);
  for (const entry of entries) {
    options.onEntry?.(entry.path, entry.bytes);
    const header = headerOf(entry);
    if (entry.kind === 'file') {
      const file = createReadStream(path.join(folder, entry.path));
      await pipeline(file, tar.entry(header)).catch((error: Error) => {
        throw new PlatformError(
          'invalid_argument',
          `${entry.path} changed or could not be read while it was packed: ${error.message}`,
          { cause: error },
        );
      });
    } else {
      tar.entry(header);
    }
  }
  tar.finalize();
}

function headerOf(entry: FoundEntry): Headers {
  const mode = entry.kind === 'file' && !entry.executable ? 0o644 : 0o755;
  const common = { name: entry.path, mode, uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0), type: entry.kind };
  if (entry.kind === 'symlink') return { ...common, linkname: entry.target };
  return entry.kind === 'file' ? { ...common, size: entry.bytes } : common;
}

/** Sorted by path, folders before what is in them. */
async function findEntries(folder: string, options: PackOptions): Promise<FoundEntry[]> {
  const ignored = parseIgnoreRules(
    [ALWAYS_IGNORED, await readIgnoreFile(folder), ...(options.ignore ?? [])].join('\n'),
  );
  const entries: FoundEntry[] = [];
  const enter = async (below: string): Promise<void> => {
    for (const name of (await listFolder(path.join(folder, below))).sort()) {
      const entry = await describe(folder, below === '' ? name : `${below}/${name}`, ignored);
      if (!entry) continue;
      entries.push(entry);
      if (entry.kind === 'directory') await enter(entry.path);
    }
  };
  await enter('');
  const links = new Map(entries.filter(({ kind }) => kind === 'symlink').map((entry) => [entry.path, entry.target]));
  const escaping = findEscapingLink(links);
  if (escaping !== null) {
    throw new PlatformError(
      'invalid_argument',
      `${escaping} is a link to ${links.get(escaping)}, outside of ${folder}`,
      {
        hint: `Put the file itself in its place, or name the link in ${IGNORE_FILE}.`,
      },
    );
  }
  return entries;
}

async function describe(
  folder: string,
  relative: string,
  ignored: (path: string, isFolder: boolean) => boolean,
): Promise<FoundEntry | null> {
  const found = await lstat(path.join(folder, relative));
  if (ignored(relative, found.isDirectory())) return null;
  const common = { path: relative, bytes: 0, executable: false, target: '' };
  if (found.isDirectory()) return { ...common, kind: 'directory' };
  if (found.isFile()) return { ...common, kind: 'file', bytes: found.size, executable: (found.mode & 0o111) !== 0 };
  if (found.isSymbolicLink()) {
    return { ...common, kind: 'symlink', target: await readlink(path.join(folder, relative)) };
  }
  throw new PlatformError('invalid_argument', `${relative} is a socket, pipe or device, which cannot be packed`, {
    hint: `Name it in ${IGNORE_FILE}.`,
  });
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new PlatformError('invalid_argument', `The folder ${folder} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function readIgnoreFile(folder: string): Promise<string> {
  try {
    return await readFile(path.join(folder, IGNORE_FILE), 'utf8');
  } catch (error) {
    // Only its absence: packing what it would have left out could publish a secret.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new PlatformError('invalid_argument', `${IGNORE_FILE} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
