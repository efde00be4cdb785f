import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ArchiveLimits } from '../../core/archive/archive-limits';
import { PlatformError } from '../../core/error/platform-error';
import { type ImageConfig, imageConfigFile, imageConfigSchema } from '../../core/function/image-config';
import type { RunSpec } from '../../core/function/run-spec';
import type { Digest, ImageStore } from '../../drivers/image-store/image-store';
import { errorCodeOf, storageError } from '../../drivers/storage-error';
import { applyImageLayer } from './apply-image-layer';
import type { CodeStore } from './code-store';
import { readOciImage } from './oci-image';
import { makeReadableFolder, unpackLayer } from './unpack-layer';

type CodeKind = RunSpec['codeKind'];

/** Half unpacked or half removed; nobody's after a restart. */
const TEMPORARY = '.tmp-';
const FOLDER = /^(layer|oci)-[0-9a-f]{64}$/;

/** Beside each folder, `<folder>.json`; for an image its configuration's fields as well. */
const descriptionSchema = z.object({
  kind: z.enum(['layer', 'oci']),
  entries: z.number(),
  bytes: z.number(),
  /** Unpacked files are not synced, so after a reboot they are unpacked anew. */
  bootId: z.string(),
});

export interface CodeStoreParts {
  readonly dir: string;
  readonly images: ImageStore;
  readonly limits: ArchiveLimits;
}

/** See CodeStore. One process at a time works on a folder: the agent of the node. */
export class LocalCodeStore implements CodeStore {
  private readonly unpacked = new Map<string, Promise<string>>();
  private readonly working = new Set<string>();
  private cleaned: Promise<void> | undefined;

  constructor(private readonly parts: CodeStoreParts) {}

  async dir(digest: Digest, kind: CodeKind): Promise<string> {
    const name = folderName(digest, kind);
    const known = this.unpacked.get(name);
    // Looked at each time: whoever clears the data folder under a running agent gets it back.
    if (known && (await known.then(existsSync, () => true))) return known;
    if (this.unpacked.get(name) === known) {
      const started = this.find(digest, kind, path.join(this.parts.dir, name));
      this.unpacked.set(name, started);
      started.catch(() => {
        if (this.unpacked.get(name) === started) this.unpacked.delete(name);
      });
    }
    return this.unpacked.get(name) as Promise<string>;
  }

  async imageConfig(digest: Digest, kind: CodeKind): Promise<ImageConfig | null> {
    if (kind === 'layer') return null;
    const file = imageConfigFile(await this.dir(digest, kind));
    return imageConfigSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  }

  async prune(keepDigests: Iterable<Digest>): Promise<number> {
    await this.clean();
    const keep = new Set(
      [...keepDigests].flatMap((digest) => [folderName(digest, 'layer'), folderName(digest, 'oci')]),
    );
    let removed = 0;
    for (const name of await readdir(this.parts.dir)) {
      if (!FOLDER.test(name) || keep.has(name) || this.working.has(name)) continue;
      this.unpacked.delete(name);
      await this.remove(path.join(this.parts.dir, name));
      removed += 1;
    }
    return removed;
  }

  private async find(digest: Digest, kind: CodeKind, folder: string): Promise<string> {
    this.working.add(path.basename(folder));
    try {
      await this.clean();
      if (existsSync(folder)) {
        if (await isWhole(folder)) return folder;
        await this.remove(folder);
      }
      await this.unpack(digest, kind, folder);
      return folder;
    } catch (error) {
      throw storageError(error, `Unpacking the code ${digest}`);
    } finally {
      this.working.delete(path.basename(folder));
    }
  }

  /** The description first, then the folder: what has its folder has both. */
  private async unpack(digest: Digest, kind: CodeKind, folder: string): Promise<void> {
    const temporary = path.join(this.parts.dir, TEMPORARY + randomUUID());
    const tree = path.join(temporary, 'tree');
    await mkdir(temporary, { mode: 0o700 });
    try {
      const description = kind === 'layer' ? await this.layer(digest, tree) : await this.image(digest, temporary, tree);
      const json = JSON.stringify({ ...description, kind, bootId: await bootId() });
      await writeFile(imageConfigFile(tree), json, { mode: 0o644 });
      await rename(imageConfigFile(tree), imageConfigFile(folder));
      await rename(tree, folder);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  private async layer(digest: Digest, tree: string): Promise<{ entries: number; bytes: number }> {
    const archive = verified(await this.parts.images.open(digest), digest);
    const { entries, bytes } = await unpackLayer(archive, tree, this.parts.limits);
    return { entries, bytes };
  }

  private async image(
    digest: Digest,
    temporary: string,
    tree: string,
  ): Promise<{ entries: number; bytes: number } & ImageConfig> {
    const layout = path.join(temporary, 'layout');
    const archive = verified(await this.parts.images.open(digest), digest);
    const { kind } = await unpackLayer(archive, layout, this.parts.limits);
    if (kind !== 'oci') {
      throw new PlatformError(
        'invalid_archive',
        'The archive is no OCI image layout: oci-layout and index.json are not at its root',
        {
          hint: 'Export the image as one, e.g. docker buildx build --output type=oci,dest=image.tar',
        },
      );
    }
    const image = await readOciImage(layout);
    const used = { entries: 0, bytes: 0 };
    await makeReadableFolder(tree);
    for (const layer of image.layers) await applyImageLayer(layer, tree, this.parts.limits, used);
    return { ...image.config, ...used };
  }

  /** Gone at once under its name; its description goes with it. */
  private async remove(folder: string): Promise<void> {
    const gone = path.join(this.parts.dir, TEMPORARY + randomUUID());
    await rename(folder, gone);
    await rm(imageConfigFile(folder), { force: true });
    await rm(gone, { recursive: true, force: true });
  }

  /** Once: what an agent before left half done. */
  private clean(): Promise<void> {
    return (this.cleaned ??= (async () => {
      await mkdir(this.parts.dir, { recursive: true, mode: 0o755 });
      for (const name of await readdir(this.parts.dir)) {
        const described =
          name.endsWith('.json') && !existsSync(path.join(this.parts.dir, name.slice(0, -'.json'.length)));
        if (name.startsWith(TEMPORARY) || described) {
          await rm(path.join(this.parts.dir, name), { recursive: true, force: true });
        }
      }
    })());
  }
}

/** @throws PlatformError invalid_argument */
function folderName(digest: Digest, kind: CodeKind): string {
  const name = `${kind}-${digest.replace(/^sha256:/, '')}`;
  if (digest.startsWith('sha256:') && FOLDER.test(name)) return name;
  throw new PlatformError('invalid_argument', `"${digest}" is not a digest; it is sha256: and 64 hex digits`);
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    const description = descriptionSchema.parse(JSON.parse(await readFile(imageConfigFile(folder), 'utf8')));
    return description.bootId === (await bootId());
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || error instanceof SyntaxError || error instanceof z.ZodError) return false;
    throw error;
  }
}

/** The store's promise is checked where the bytes are used. */
async function* verified(content: AsyncIterable<Buffer>, digest: Digest): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual === digest) return;
  throw new PlatformError('invalid_archive', `The stored code ${digest} has changed: its digest is now ${actual}`, {
    hint: 'Deploy the function again.',
  });
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}
