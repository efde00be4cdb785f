import type { Digest } from '../../drivers/image-store/image-store';

/** What a checkpoint belongs to; sealed into it, and compared before it is loaded again. */
export interface CheckpointMeta {
  readonly tenant: string;
  readonly revisionId: string;
  readonly codeDigest: Digest;
  /** SandboxDriver.hostKey of the machine that made it. */
  readonly hostKey: string;
}

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
