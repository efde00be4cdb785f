import { randomUUID } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { checkpointMetaSchema, type ImageFile, imageBytes, imageFileSchema } from '../../core/checkpoint/sealed-format';
import { PlatformError } from '../../core/error/platform-error';
import { errorCodeOf } from '../../drivers/storage-error';

/** Folders whose names start so are half made or half gone: nobody's after a restart. */
const TEMPORARY = '.tmp-';

const fileStampSchema = imageFileSchema.extend({ inode: z.string(), modifiedNs: z.string() });

/** Written beside a raw image when it is whole; without it, or when it does not match, the image is not used again. */
export const rawMarkerSchema = z.object({
  /** A folder on a disk may have lost writes at a reboot. */
  bootId: z.string(),
  meta: checkpointMetaSchema,
  sealed: z.object({ digest: z.string(), bytes: z.number() }),
  files: z.array(fileStampSchema),
});
export type RawMarker = z.infer<typeof rawMarkerSchema>;

/**
 * The folders of raw images on the tmpfs. Nothing here opens an image's file for writing: running clones map them, so
 * they are only ever made under another name, renamed, and unlinked.
 */
export class RawImages {
  constructor(readonly dir: string) {}

  /** @throws PlatformError invalid_argument for an id that is no plain name */
  folder(checkpointId: string): string {
    if (/^[A-Za-z0-9][\w-]{0,63}$/.test(checkpointId)) return path.join(this.dir, checkpointId);
    throw new PlatformError('invalid_argument', `${JSON.stringify(checkpointId)} is not a checkpoint id`);
  }

  /** A name for a folder that is being made. */
  temporary(): string {
    return path.join(this.dir, `${TEMPORARY}${randomUUID()}`);
  }

  /** The files of a raw image by name. @throws PlatformError checkpoint_failed when there is none, or it holds more than files */
  async files(checkpointId: string): Promise<ImageFile[]> {
    const stamps = await this.stamps(checkpointId);
    return stamps.map(({ name, bytes }) => ({ name, bytes }));
  }

  /** Declares the folder whole, as it is now. */
  async markComplete(checkpointId: string, marker: Pick<RawMarker, 'meta' | 'sealed'>): Promise<void> {
    const complete = { ...marker, bootId: await bootId(), files: await this.stamps(checkpointId) };
    const temporary = this.temporary();
    await writeFile(temporary, JSON.stringify(complete), { mode: 0o600 });
    await rename(temporary, this.markerFile(checkpointId));
  }

  async publish(temporary: string, checkpointId: string): Promise<void> {
    await this.remove(checkpointId);
    await rename(temporary, this.folder(checkpointId));
  }

  /** Gone at once for whoever looks; the memory is free when this resolves, but for pages that clones map. */
  async remove(checkpointId: string): Promise<void> {
    await rm(this.markerFile(checkpointId), { force: true });
    const gone = this.temporary();
    try {
      await rename(this.folder(checkpointId), gone);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error;
    }
    await rm(gone, { recursive: true, force: true });
  }

  /** Removes a temporary folder, if it is still there. */
  async discard(temporary: string): Promise<void> {
    await rm(temporary, { recursive: true, force: true });
  }

  /** Bytes that the file system still takes. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.dir);
    return bavail * bsize;
  }

  /** Whole images that an agent before left here, unchanged since; all else is removed. */
  async recover(): Promise<{ checkpointId: string; marker: RawMarker; bytes: number }[]> {
    const names = await readdir(this.dir);
    const found = [];
    for (const name of names) {
      if (name.startsWith(TEMPORARY)) await rm(path.join(this.dir, name), { recursive: true, force: true });
      else if (!name.endsWith(MARKER_SUFFIX)) {
        const marker = await this.matchingMarker(name);
        if (marker) found.push({ checkpointId: name, marker, bytes: imageBytes(marker.files) });
        else await rm(path.join(this.dir, name), { recursive: true, force: true });
      }
    }
    const whole = new Set(found.map((image) => image.checkpointId + MARKER_SUFFIX));
    for (const name of names) {
      if (name.endsWith(MARKER_SUFFIX) && !whole.has(name)) await rm(path.join(this.dir, name), { force: true });
    }
    return found;
  }

  private markerFile(checkpointId: string): string {
    return this.folder(checkpointId) + MARKER_SUFFIX;
  }

  private async matchingMarker(checkpointId: string): Promise<RawMarker | null> {
    try {
      const marker = rawMarkerSchema.parse(JSON.parse(await readFile(this.markerFile(checkpointId), 'utf8')));
      const same = JSON.stringify(await this.stamps(checkpointId)) === JSON.stringify(marker.files);
      return same && marker.bootId === (await bootId()) ? marker : null;
    } catch {
      return null;
    }
  }

  private async stamps(checkpointId: string): Promise<RawMarker['files']> {
    const folder = this.folder(checkpointId);
    const names = await readdir(folder).catch((error: unknown) => {
      throw new PlatformError('checkpoint_failed', `Checkpoint ${checkpointId} has no raw image on this node`, {
        cause: error,
        hint: 'Make the checkpoint again.',
      });
    });
    const stamps = [];
    for (const name of names.sort()) {
      const entry = await lstat(path.join(folder, name), { bigint: true });
      const stamp = { name, bytes: Number(entry.size), inode: `${entry.ino}`, modifiedNs: `${entry.mtimeNs}` };
      if (!entry.isFile() || !fileStampSchema.safeParse(stamp).success) {
        throw new PlatformError(
          'checkpoint_failed',
          `The raw image of checkpoint ${checkpointId} holds ${JSON.stringify(name)}, which is not a plain file`,
        );
      }
      stamps.push(stamp);
    }
    return stamps;
  }
}

const MARKER_SUFFIX = '.complete';

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
