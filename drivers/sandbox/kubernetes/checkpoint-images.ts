import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { imageOfLayer, OCI_ARCHITECTURE } from './oci-image-parts';
import type { OciRegistry } from './oci-registry';

/** Reads the archives that kubelets write on their own machines. */
export interface CheckpointArchives {
  /** @param file its path as the kubelet gave it @throws PlatformError checkpoint_failed */
  read(node: string, file: string): Promise<Readable>;
  /** No error when it is gone, or cannot be removed. */
  remove(node: string, file: string): Promise<void>;
}

const IMAGE_FILE = 'pod-image.json';
/** One for all: many registries want a repository to be made before anything is pushed to it. */
const REPOSITORY = 'checkpoints';
const CONTAINER_ANNOTATION = 'org.criu.checkpoint.container.name';
/** Who looks into the registry sees whose it is. */
const TITLE_ANNOTATION = 'org.opencontainers.image.title';

const referenceSchema = z.object({ image: z.string().min(1), bytes: z.number().int().min(0) });
/** What a checkpoint of a pod is on this side: the name of an image in the registry, with its digest. */
export type ImageReference = z.infer<typeof referenceSchema>;

/** In place of a raw image: sealed and signed like one, so that no other tenant's checkpoint is ever restored. */
export async function writeImageReference(imageDir: string, reference: ImageReference): Promise<void> {
  await mkdir(imageDir, { recursive: true, mode: 0o700 });
  await writeFile(path.join(imageDir, IMAGE_FILE), JSON.stringify(reference), { mode: 0o600 });
}

/** @throws PlatformError restore_failed */
export async function readImageReference(imageDir: string): Promise<ImageReference> {
  try {
    return referenceSchema.parse(JSON.parse(await readFile(path.join(imageDir, IMAGE_FILE), 'utf8')));
  } catch (error) {
    throw new PlatformError('restore_failed', 'The checkpoint names no image', { cause: error });
  }
}

/**
 * Makes container images of checkpoints and pushes them to a registry, from which the runtime restores them. The tag is the
 * checkpoint's id, so that what a process left that ended in the middle can be found by whoever knows the id.
 */
export class CheckpointImages {
  constructor(
    private readonly registry: OciRegistry,
    private readonly archives: CheckpointArchives,
    private readonly architecture: string = OCI_ARCHITECTURE,
  ) {}

  /** @param of.title whose it is, for people @throws PlatformError checkpoint_failed, unavailable (the registry) */
  async publish(
    node: string,
    archive: string,
    of: { readonly container: string; readonly checkpoint: string; readonly title: string },
  ): Promise<ImageReference> {
    const work = await mkdtemp(path.join(tmpdir(), 'presage-checkpoint-'));
    try {
      // The archive is a layer as it is: what the runtime looks for stands at its root.
      const image = await imageOfLayer(await this.archives.read(node, archive), path.join(work, 'layer'), {
        architecture: this.architecture,
        annotations: { [CONTAINER_ANNOTATION]: of.container, [TITLE_ANNOTATION]: of.title },
      });
      const [layer] = image.blobs;
      // One of an earlier try: without its tag nobody would find it any more.
      await this.remove(of.checkpoint);
      return { image: await this.registry.push(REPOSITORY, image, of.checkpoint), bytes: layer.bytes };
    } finally {
      await rm(work, { recursive: true, force: true });
      await this.archives.remove(node, archive);
    }
  }

  /** @returns why it stays in the registry; null: it is gone, or never came there @throws PlatformError unavailable (the registry) */
  remove(checkpoint: string): Promise<string | null> {
    return this.registry.remove(REPOSITORY, checkpoint);
  }
}

/**
 * Archives in a folder that this process sees: kubelet and platform on one machine, or the kubelets' folders of all nodes mounted
 * under one. @param folder where the kubelet's checkpoints are seen; `{node}` stands for the node's name
 */
export function folderArchives(folder: string): CheckpointArchives {
  const place = (node: string, file: string): string =>
    path.join(folder.replaceAll('{node}', node), path.basename(file));
  return {
    async read(node, file) {
      const source = createReadStream(place(node, file));
      await new Promise<void>((resolve, reject) => {
        source.once('open', () => resolve());
        source.once('error', (error) =>
          reject(
            new PlatformError('checkpoint_failed', `The checkpoint ${file} of ${node} cannot be read in ${folder}`, {
              cause: error,
              hint: 'kubernetes.pods.checkpoints.folder names where the checkpoints of the kubelets are seen.',
            }),
          ),
        );
      });
      return source;
    },
    async remove(node, file) {
      await rm(place(node, file), { force: true }).catch(() => undefined);
    },
  };
}
