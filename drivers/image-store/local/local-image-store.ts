import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { blobName } from '../../../core/archive/blob-name';
import { isPlatformError, PlatformError } from '../../../core/error/platform-error';
import { errorCodeOf, storageError } from '../../storage-error';
import type { BlobInfo, Digest, ImageStore } from '../image-store';

/** A temporary file that nobody has written to for this long is a dead writer's, whoever it was. */
const STALE_AFTER_MS = 3_600_000;

/**
 * Blobs as files `sha256/ab/cdef…` under one folder of this machine, shared by its processes. A blob is written to
 * `tmp/`, synced and renamed, so that it is there whole or not at all, also after a power failure.
 */
export function createLocalImageStore(dir: string): ImageStore {
  const temporaryDir = path.join(dir, 'tmp');
  let swept: Promise<void> | undefined;
  const sweepOnce = (): Promise<void> => (swept ??= removeStale(temporaryDir));

  function fileOf(digest: Digest): string {
    const name = blobName(digest);
    if (!name) {
      throw new PlatformError('invalid_argument', `"${digest}" is not a digest; it is sha256: and 64 hex digits`);
    }
    return path.join(dir, ...name);
  }

  async function put(content: Readable, options: { expected?: Digest; maxBytes?: number } = {}): Promise<BlobInfo> {
    if (options.expected !== undefined) fileOf(options.expected);
    // The process id lets a later process see at once that the writer is dead.
    const temporary = path.join(temporaryDir, `${process.pid}.${randomUUID()}`);
    try {
      await sweepOnce();
      await mkdir(temporaryDir, { recursive: true });
      const info = await write(content, temporary, options.maxBytes ?? Number.MAX_SAFE_INTEGER);
      if (options.expected !== undefined && options.expected !== info.digest) {
        throw new PlatformError('invalid_argument', `The content's digest is ${info.digest}, not ${options.expected}`, {
          hint: 'It was changed or cut off on its way; send it again.',
        });
      }
      await publish(temporary, fileOf(info.digest), dir);
      return info;
    } catch (error) {
      throw storageError(error, 'Storing a blob');
    } finally {
      content.destroy();
      await rm(temporary, { force: true });
    }
  }

  async function statBlob(digest: Digest): Promise<BlobInfo | null> {
    try {
      return { digest, bytes: (await stat(fileOf(digest))).size };
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return null;
      throw storageError(error, `Looking for ${digest}`);
    }
  }

  async function openBlob(digest: Digest): Promise<Readable> {
    try {
      return (await open(fileOf(digest), 'r')).createReadStream();
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw storageError(error, `Opening ${digest}`);
      throw new PlatformError('not_found', `There is no blob ${digest}`, { cause: error });
    }
  }

  async function deleteBlob(digest: Digest): Promise<void> {
    await rm(fileOf(digest), { force: true });
  }

  async function* list(): AsyncGenerator<BlobInfo> {
    await removeStale(temporaryDir);
    for (const prefix of await namesIn(path.join(dir, 'sha256'))) {
      for (const rest of await namesIn(path.join(dir, 'sha256', prefix))) {
        if (!blobName(`sha256:${prefix}${rest}`)) continue;
        const info = await statBlob(`sha256:${prefix}${rest}`);
        if (info) yield info;
      }
    }
  }

  return { put, open: openBlob, stat: statBlob, delete: deleteBlob, list };
}

/** Copies the stream to a synced file, hashing on the way. */
async function write(content: Readable, file: string, maxBytes: number): Promise<BlobInfo> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of chunksOf(content)) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new PlatformError('payload_too_large', `The content is longer than the allowed ${maxBytes} bytes`);
      }
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

/** A source that breaks off is its sender's fault, not the disk's. */
async function* chunksOf(content: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of content as AsyncIterable<Buffer | string>) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    }
  } catch (error) {
    if (isPlatformError(error)) throw error;
    throw new PlatformError('invalid_argument', 'The content broke off before its end; send it again', {
      cause: error,
    });
  }
}

async function publish(temporary: string, file: string, dir: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  await rename(temporary, file);
  for (const touched of [folder, path.join(dir, 'sha256'), dir]) {
    const handle = await open(touched, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

/** Removes what killed writers left behind. */
async function removeStale(temporaryDir: string): Promise<void> {
  for (const name of await namesIn(temporaryDir)) {
    const file = path.join(temporaryDir, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_AFTER_MS || !isAlive(Number(name.split('.')[0]))) await rm(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) !== 'ESRCH';
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
