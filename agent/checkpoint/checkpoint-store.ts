import type { Logger } from 'pino';
import type { CheckpointMeta } from '../../core/checkpoint/sealed-format';
import type { Digest, ImageStore } from '../../drivers/image-store/image-store';
import { mountImages } from './images-mount';
import { LocalCheckpointStore } from './local-checkpoint-store';
import { RawImages } from './raw-images';
import { SealPool } from './seal-pool';

/** Sealing one image and opening another at the same time is enough for one node. */
const SEALING_THREADS = 2;
/** For the small files beside the images. */
const MARKER_ROOM = 4 * 1024 * 1024;

export type { CheckpointMeta };

export interface LoadedImage {
  readonly checkpointId: string;
  readonly bytes: number;
}

/**
 * Checkpoints of this node. Raw images, which restores map, live in a bounded root-only tmpfs; the durable form is
 * compressed, encrypted and signed for its tenant, in the image store.
 */
export interface CheckpointStore {
  /** Folder of the raw image: where a driver writes a new one, and what a restore reads. @throws invalid_argument */
  rawDir(checkpointId: string): string;
  /** Evicts until this many bytes are free for a new raw image. @throws PlatformError storage_full */
  makeRoom(bytes: number): Promise<void>;
  /**
   * Compresses, encrypts and signs the raw image into the image store; the raw image stays and counts as loaded.
   * Idempotent. @throws PlatformError checkpoint_failed (no raw image, or it changed meanwhile), storage_full
   */
  seal(checkpointId: string, meta: CheckpointMeta): Promise<{ digest: Digest; bytes: number }>;
  /**
   * Folder of the raw image, fetched and verified when it is not loaded. Concurrent calls share the work.
   * @throws PlatformError checkpoint_refused (another tenant, host, code, or any altered byte), storage_full, not_found
   */
  load(checkpointId: string, meta: CheckpointMeta, digest: Digest): Promise<string>;
  /** Keeps the raw image from eviction until the returned function is called: from before a restore until its clone ends. */
  pin(checkpointId: string): () => void;
  /** Forgets the raw image: at once, or when its last pin goes. The sealed blob is the caller's to delete. No error when unknown. */
  drop(checkpointId: string): Promise<void>;
  loaded(): readonly LoadedImage[];
  /** Ends the worker threads. Raw images stay for the next agent. */
  close(): Promise<void>;
}

export interface CheckpointStoreOptions {
  /** Becomes a root-only tmpfs where this process may mount; outlives the agent. */
  readonly imagesDir: string;
  readonly images: ImageStore;
  readonly masterKey: Buffer;
  /** Master keys before it, under which images may still be sealed. */
  readonly previousMasterKeys?: readonly Buffer[];
  /** Bound of the raw images together, and size of the tmpfs. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** False keeps imagesDir a plain folder. */
  readonly mount?: boolean;
}

/** Opens the store over what an agent before may have left in imagesDir. */
export async function createCheckpointStore(options: CheckpointStoreOptions): Promise<CheckpointStore> {
  const { imagesDir, maxBytes, log } = options;
  const mounted = await mountImages(imagesDir, maxBytes + MARKER_ROOM, options.mount ?? true);
  if (!mounted) log.warn({ imagesDir }, 'raw checkpoint images are kept in a plain folder: no tmpfs could be mounted');
  const store = new LocalCheckpointStore({
    ...options,
    raw: new RawImages(imagesDir),
    pool: new SealPool(SEALING_THREADS),
  });
  await store.recover();
  return store;
}
