import { ARCHIVE_LIMITS, type ArchiveLimits } from '../../core/archive/archive-limits';
import type { ImageConfig } from '../../core/function/image-config';
import type { RunSpec } from '../../core/function/run-spec';
import type { Digest, ImageStore } from '../../drivers/image-store/image-store';
import { LocalCodeStore } from './local-code-store';

/**
 * Unpacked code on this node, by digest. A folder appears whole or not at all, is owned by root, readable by all and
 * never changes; runc binds it read-only. For `oci` it is the merged root file system.
 */
export interface CodeStore {
  /**
   * Folder of the unpacked code; unpacked once, however many ask at the same time.
   * @throws PlatformError invalid_archive, unsupported (zstd layers), not_found (blob), storage_full
   */
  dir(digest: Digest, kind: RunSpec['codeKind']): Promise<string>;
  /** What the OCI image says about how it wants to be run; null for a layer. Unpacks when needed. */
  imageConfig(digest: Digest, kind: RunSpec['codeKind']): Promise<ImageConfig | null>;
  /** Removes all unpacked code but these digests and what is being unpacked now. Returns how many folders went. */
  prune(keepDigests: Iterable<Digest>): Promise<number>;
}

/** Opens the store over `dir`, which belongs to one agent alone. */
export function createCodeStore(options: {
  readonly dir: string;
  readonly images: ImageStore;
  readonly limits?: ArchiveLimits;
}): CodeStore {
  return new LocalCodeStore({ limits: ARCHIVE_LIMITS, ...options });
}
