import { link, mkdir, open, symlink } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveChecker, type ArchiveSummary } from '../../core/archive/archive-checker';
import type { ArchiveLimits } from '../../core/archive/archive-limits';
import { archiveBytes } from '../../core/archive/archive-stream';
import { readTar } from '../../core/archive/read-tar';
import { parentPath } from '../../core/archive/entry-path';

/** Files up to this size are read whole, so that several can be written at a time. */
const SMALL_FILE_BYTES = 256 * 1024;
const PARALLEL_WRITES = 8;

/**
 * Unpacks a code archive into `targetDir`, which it makes: owned by this process's user, readable by all, no special
 * mode bits. The caller removes what is there when it throws. @throws PlatformError invalid_archive, or a system error
 */
export async function unpackLayer(
  archive: AsyncIterable<Uint8Array>,
  targetDir: string,
  limits: ArchiveLimits,
): Promise<ArchiveSummary> {
  const checker = new ArchiveChecker(limits);
  const writes = new BoundedWrites();
  const folders = new Set(['']);
  const makeFolder = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    await makeFolder(parentPath(folder));
    await makeReadableFolder(path.join(targetDir, folder));
    folders.add(folder);
  };
  await makeReadableFolder(targetDir);
  try {
    for await (const { header, body } of readTar(archiveBytes(archive, limits))) {
      const entry = checker.check(header);
      if (!entry) continue;
      const at = path.join(targetDir, entry.path);
      await makeFolder(entry.kind === 'directory' ? entry.path : parentPath(entry.path));
      if (entry.kind === 'file') {
        const mode = entry.executable ? 0o755 : 0o644;
        const modified = header.mtime ?? new Date(0);
        if (entry.bytes > SMALL_FILE_BYTES) await writeFileAt(at, body, mode, modified);
        else await writes.add(writeFileAt(at, [await whole(body)], mode, modified));
      } else if (entry.kind === 'hardlink') {
        await writes.settle();
        await link(path.join(targetDir, entry.target ?? ''), at);
      } else if (entry.kind === 'symlink') {
        // Nothing is written through it: the checker refuses entries below a link.
        await symlink(entry.target ?? '', at);
      }
    }
  } finally {
    await writes.settle();
  }
  return checker.finish();
}

/** A folder that all may enter, whatever the umask is. */
export async function makeReadableFolder(folder: string): Promise<void> {
  await mkdir(folder);
  const handle = await open(folder, 'r');
  await handle.chmod(0o755).finally(() => handle.close());
}

/** A new file; never through a link and never over another. */
export async function writeFileAt(
  file: string,
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
  mode: number,
  modified: Date,
): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    for await (const chunk of content) await handle.writeFile(chunk);
    await handle.chmod(mode);
    await handle.utimes(modified, modified);
  } finally {
    await handle.close();
  }
}

async function whole(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A few writes at a time; the first failure comes out of the next call. */
class BoundedWrites {
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  async add(write: Promise<void>): Promise<void> {
    const tracked = write.catch((error: unknown) => {
      this.failure ??= { error };
    });
    const done = tracked.finally(() => this.running.delete(done));
    this.running.add(done);
    if (this.running.size >= PARALLEL_WRITES) await Promise.race(this.running);
    if (this.failure) throw this.failure.error;
  }

  async settle(): Promise<void> {
    await Promise.all(this.running);
    if (this.failure) throw this.failure.error;
  }
}
