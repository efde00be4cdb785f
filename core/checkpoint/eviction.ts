/** A raw checkpoint image that could be evicted from memory. */
export interface EvictionCandidate {
  readonly checkpointId: string;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly lastUsedAt: number;
}

/**
 * Which images to evict so that `needBytes` become free: those that hold the most memory for the longest time unused
 * (age × bytes) go first, and one that turns out to be superfluous stays. Null when all of them are not enough.
 */
export function chooseEvictions(
  candidates: readonly EvictionCandidate[],
  needBytes: number,
  now: number,
): readonly string[] | null {
  if (needBytes <= 0) return [];
  // One millisecond more, so that among images used just now the size decides.
  const weight = (image: EvictionCandidate): number => (Math.max(0, now - image.lastUsedAt) + 1) * image.bytes;
  const byWeight = [...candidates].sort((a, b) => weight(b) - weight(a));
  const chosen: EvictionCandidate[] = [];
  let freed = 0;
  for (const image of byWeight) {
    if (freed >= needBytes) break;
    chosen.push(image);
    freed += image.bytes;
  }
  if (freed < needBytes) return null;
  // From the most valuable down: the last one chosen may have freed enough alone.
  const kept = new Set<EvictionCandidate>();
  for (const image of [...chosen].reverse()) {
    if (freed - image.bytes < needBytes) continue;
    kept.add(image);
    freed -= image.bytes;
  }
  return chosen.filter((image) => !kept.has(image)).map((image) => image.checkpointId);
}
