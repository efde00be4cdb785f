import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pack } from 'tar-stream';
import { imageOfLayer, OCI_ARCHITECTURE } from './oci-image-parts';
import type { OciRegistry } from './oci-registry';
import { addTree } from './tar-tree';

/** Brings functions that are images of their own to a registry that the nodes pull from: each once, by the digest of its code. */
export class FunctionImages {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly registry: OciRegistry) {}

  /** @param root the image's merged file system @throws PlatformError unavailable (the registry) */
  of(digest: string, root: string): Promise<string> {
    let image = this.#known.get(digest);
    if (!image) {
      image = this.#bring(digest.replace('sha256:', ''), root);
      this.#known.set(digest, image);
      image.catch(() => this.#known.delete(digest));
    }
    return image;
  }

  async #bring(tag: string, root: string): Promise<string> {
    const there = await this.registry.find('functions', tag);
    if (there !== null) return there;
    const work = await mkdtemp(path.join(tmpdir(), 'presage-image-'));
    try {
      const archive = pack();
      const filled = addTree(archive, root, '').then(() => archive.finalize());
      filled.catch((error: unknown) => archive.destroy(error as Error));
      const parts = { architecture: OCI_ARCHITECTURE, annotations: {} };
      const image = await imageOfLayer(archive, path.join(work, 'layer'), parts);
      await filled;
      return await this.registry.push('functions', image, tag);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
}
