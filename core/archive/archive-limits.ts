/** What an archive may unpack to. The defaults hold for code layers, image layouts and each merged image alike. */
export interface ArchiveLimits {
  /** Files, folders (also those only implied by a path) and links. */
  readonly maxEntries: number;
  /** Bytes of all files together. */
  readonly maxBytes: number;
  /** Unpacked bytes per packed byte, looked at once more than `ratioFreeBytes` came out. */
  readonly maxRatio: number;
  readonly ratioFreeBytes: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  maxEntries: 100_000,
  maxBytes: 2 * 1024 ** 3,
  maxRatio: 200,
  ratioFreeBytes: 64 * 1024 ** 2,
};
