import type { Readable } from 'node:stream';

/** A content-addressed blob: `sha256:` + 64 hex digits. */
export type Digest = string;

export interface BlobInfo {
  readonly digest: Digest;
  readonly bytes: number;
}

/**
 * Code archives and sealed checkpoints, by digest. A blob is visible whole or not at all, and never changes.
 * Failures are PlatformErrors: `not_found`, `storage_full`, `payload_too_large`, `invalid_argument` (digest mismatch).
 */
export interface ImageStore {
  /** Stores a stream; with `expected` the digest must come out equal. `maxBytes` cuts off what is longer. */
  put(content: Readable, options?: { expected?: Digest; maxBytes?: number }): Promise<BlobInfo>;
  open(digest: Digest): Promise<Readable>;
  stat(digest: Digest): Promise<BlobInfo | null>;
  delete(digest: Digest): Promise<void>;
  /** All blobs, for garbage collection. */
  list(): AsyncIterable<BlobInfo>;
}
