/** Bins of memory use: the first ends at 1 MiB, each is an eighth of a doubling wide, the last ends at 1 TiB. */
const FIRST_BYTES = 2 ** 20;
const EACH_DOUBLING = 8;
export const MEMORY_BINS = 20 * EACH_DOUBLING + 1;

/** How often instances were seen to use how much memory, some 20 numbers a function and hour: most bins are empty. */
export interface MemoryLooks {
  /** Index of a bin to how many looks fell into it. */
  readonly bins: Readonly<Record<number, number>>;
  readonly samples: number;
  readonly peakBytes: number;
}

export const NO_LOOKS: MemoryLooks = { bins: {}, samples: 0, peakBytes: 0 };

/** @param bytes in use at the look @param peakBytes the highest since the instance began, where its driver knows it */
export function withLook(looks: MemoryLooks, bytes: number, peakBytes: number = bytes): MemoryLooks {
  const bin = binOf(bytes);
  return {
    bins: { ...looks.bins, [bin]: (looks.bins[bin] ?? 0) + 1 },
    samples: looks.samples + 1,
    peakBytes: Math.max(looks.peakBytes, peakBytes, bytes),
  };
}

/** Both together. */
export function mergedLooks(one: MemoryLooks, other: MemoryLooks): MemoryLooks {
  const bins: Record<number, number> = { ...one.bins };
  for (const [bin, count] of Object.entries(other.bins)) bins[Number(bin)] = (bins[Number(bin)] ?? 0) + count;
  return {
    bins,
    samples: one.samples + other.samples,
    peakBytes: Math.max(one.peakBytes, other.peakBytes),
  };
}

/**
 * Bytes that a share of the looks did not exceed: the upper edge of the bin, at most 9 % too much, and never above the peak.
 * 0 without looks. @param share 0 to 1
 */
export function quantileOfLooks({ bins, samples, peakBytes }: MemoryLooks, share: number): number {
  let seen = 0;
  for (let bin = 0; bin < MEMORY_BINS; bin++) {
    seen += bins[bin] ?? 0;
    if (samples > 0 && seen >= share * samples) return Math.min(peakBytes, upperEdge(bin));
  }
  return 0;
}

function binOf(bytes: number): number {
  if (!(bytes > FIRST_BYTES)) return 0;
  return Math.min(MEMORY_BINS - 1, Math.ceil(EACH_DOUBLING * Math.log2(bytes / FIRST_BYTES) - 1e-9));
}

function upperEdge(bin: number): number {
  return Math.round(FIRST_BYTES * 2 ** (bin / EACH_DOUBLING));
}
