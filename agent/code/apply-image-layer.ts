import { createHash } from 'node:crypto';
import { chmod, link, readdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Headers } from 'tar-stream';
import { sizeOf } from '../../core/archive/archive-checker';
import type { ArchiveLimits } from '../../core/archive/archive-limits';
import { archiveBytes } from '../../core/archive/archive-stream';
import { archiveError, entryPath, parentPath } from '../../core/archive/entry-path';
import { readTar, type TarEntry } from '../../core/archive/read-tar';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import { type OciLayer, zstdLayer } from './oci-image';
import { lstatOrNull, RootScope } from './root-scope';
import { makeReadableFolder, writeFileAt } from './unpack-layer';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
/** Bookkeeping of an older union file system; no files of the image. */
const UNION_METADATA = '.wh..wh.';
const EXPORT_AGAIN = 'Export the image again.';

/** What all layers of one image may use up together. */
export interface LayerBudget {
  entries: number;
  bytes: number;
}

/** Paths that a layer brought itself: its own whiteouts do not touch them. */
class OwnPaths {
  private readonly paths = new Set<string>();
  private readonly folders = new Set<string>();

  add(name: string): void {
    this.paths.add(name);
    for (let folder = parentPath(name); folder !== '' && !this.folders.has(folder); folder = parentPath(folder)) {
      this.folders.add(folder);
    }
  }

  has(name: string): boolean {
    return this.paths.has(name);
  }

  hasBelow(folder: string): boolean {
    return this.folders.has(folder);
  }
}

/**
 * Lays one layer over the root: later entries replace earlier ones, whiteouts remove what lower layers brought. Modes
 * become readable by all, without special bits; device files under /dev are left out, as every sandbox has its own.
 * @throws PlatformError invalid_archive, unsupported
 */
export async function applyImageLayer(
  layer: OciLayer,
  root: string,
  limits: ArchiveLimits,
  used: LayerBudget,
): Promise<void> {
  const scope = new RootScope(root);
  const own = new OwnPaths();
  const hash = createHash('sha256');
  for await (const entry of readTar(hashed(layerBytes(layer, limits), hash))) {
    const name = entryPath(entry.header.name);
    if (name === '') continue;
    used.entries += 1;
    used.bytes += sizeOf(entry.header);
    if (used.entries > limits.maxEntries || used.bytes > limits.maxBytes) {
      throw archiveError(
        name,
        `brings the image above ${limits.maxEntries} entries or ${limits.maxBytes} bytes`,
        'Use a smaller image.',
      );
    }
    const base = path.basename(name);
    if (base === OPAQUE) await clearFolder(scope, parentPath(name), own);
    else if (base.startsWith(UNION_METADATA)) continue;
    else if (base.startsWith(WHITEOUT))
      await whiteOut(scope, path.join(parentPath(name), base.slice(WHITEOUT.length)), own);
    else await place(scope, name, entry, own);
  }
  const diffId = `sha256:${hash.digest('hex')}`;
  if (diffId !== layer.diffId) {
    throw new PlatformError(
      'invalid_archive',
      `The image's layer ${layer.digest} unpacks to ${diffId}, not to ${layer.diffId}`,
      { hint: EXPORT_AGAIN },
    );
  }
}

async function* layerBytes(layer: OciLayer, limits: ArchiveLimits): AsyncGenerator<Buffer> {
  try {
    yield* archiveBytes(layer.bytes(), limits);
  } catch (error) {
    if (isPlatformError(error) && error.message.includes('zstd')) throw zstdLayer(layer.digest);
    throw error;
  }
}

async function* hashed(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

async function place(scope: RootScope, name: string, { header, body }: TarEntry, own: OwnPaths): Promise<void> {
  const at = scope.place(name);
  const present = lstatOrNull(at);
  const mode = (header.mode ?? 0) & 0o777;
  own.add(name);
  if (header.type === 'directory') {
    if (present && !present.isDirectory()) await remove(scope, at);
    if (!present?.isDirectory()) await makeReadableFolder(at);
    return chmod(at, mode | 0o555);
  }
  if (present) await remove(scope, at);
  if (header.type === 'file' || header.type === 'contiguous-file') {
    const readable = mode | 0o444 | ((mode & 0o111) === 0 ? 0 : 0o111);
    return writeFileAt(at, body, readable, header.mtime ?? new Date(0));
  }
  if (header.type === 'symlink') {
    scope.forget();
    return symlink(targetOf(header), at);
  }
  if (header.type === 'link') {
    const file = scope.place(entryPath(targetOf(header).replace(/^\/+/, '')));
    if (lstatOrNull(file)?.isFile()) return link(file, at);
    throw archiveError(header.name, 'is a hard link to no file of the image', EXPORT_AGAIN);
  }
  if (name === 'dev' || name.startsWith('dev/')) return;
  throw archiveError(
    header.name,
    `is a ${header.type ?? 'special file'}, which no image may bring`,
    'Make the file when the program starts, or leave it out of the image.',
  );
}

function targetOf(header: Headers): string {
  const target = header.linkname ?? '';
  if (target !== '' && target.length <= 4095 && !target.includes('\0')) return target;
  throw archiveError(header.name, 'is a link with an impossible target', EXPORT_AGAIN);
}

/** Removes what lower layers brought at this path. */
async function whiteOut(scope: RootScope, name: string, own: OwnPaths): Promise<void> {
  if (entryPath(name) !== name || name === '') throw archiveError(name, 'is an impossible whiteout', EXPORT_AGAIN);
  if (own.has(name)) return;
  const at = scope.place(name);
  if (lstatOrNull(at)?.isDirectory() && own.hasBelow(name)) await clearFolder(scope, name, own);
  else await remove(scope, at);
}

/** Removes what lower layers brought into this folder. */
async function clearFolder(scope: RootScope, folder: string, own: OwnPaths): Promise<void> {
  const at = scope.place(path.join(folder, WHITEOUT));
  for (const child of await readdir(path.dirname(at))) {
    const name = path.join(folder, child);
    if (!own.has(name) && !own.hasBelow(name)) await remove(scope, path.join(path.dirname(at), child));
    else if (lstatOrNull(path.join(path.dirname(at), child))?.isDirectory()) await clearFolder(scope, name, own);
  }
}

async function remove(scope: RootScope, at: string): Promise<void> {
  scope.forget();
  await rm(at, { recursive: true, force: true });
}
