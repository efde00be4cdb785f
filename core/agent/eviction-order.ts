/** An idle or frozen instance that could make room. */
export interface EvictionCandidate {
  readonly id: string;
  /** What ending it gives back. */
  readonly bytes: number;
  /** What its next start costs without it, in milliseconds: a restore where a checkpoint exists, else a cold start. */
  readonly restartMs: number;
  /** Arrivals per second that the policy expects; null where no policy has spoken. */
  readonly ratePerSecond: number | null;
  /** Milliseconds since its last use. */
  readonly idleMs: number;
  /** It belongs to what the manifest or a target promised: last to go. */
  readonly promised: boolean;
}

/**
 * What keeping a byte of it is worth: the start milliseconds it saves per second, by how soon it is likely wanted.
 * Without a forecast, an instance that has been idle for t seconds is expected to be wanted once in about t more.
 */
export function valuePerByte(candidate: EvictionCandidate): number {
  const rate = candidate.ratePerSecond ?? 1 / (1 + candidate.idleMs / 1000);
  return (rate * candidate.restartMs) / Math.max(1, candidate.bytes);
}

/** Least value first; what was promised comes after all else; among equals the longest idle one goes first. */
export function evictionOrder(candidates: readonly EvictionCandidate[]): EvictionCandidate[] {
  return [...candidates].sort(
    (a, b) =>
      Number(a.promised) - Number(b.promised) ||
      valuePerByte(a) - valuePerByte(b) ||
      b.idleMs - a.idleMs ||
      (a.id < b.id ? -1 : 1),
  );
}

/**
 * The function that a node does best without: all of its instances must be candidates. The one whose instances save the least
 * when kept, those to which something was promised last. Null where there is none.
 * @param functions the candidates of each function that could go as a whole
 */
export function chooseFunction(functions: ReadonlyMap<string, readonly EvictionCandidate[]>): string | null {
  const worth = (candidates: readonly EvictionCandidate[]): number =>
    candidates.reduce((sum, candidate) => sum + valuePerByte(candidate) * Math.max(1, candidate.bytes), 0);
  const promised = (candidates: readonly EvictionCandidate[]): number => Number(candidates.some((one) => one.promised));
  const [first] = [...functions].sort(
    ([a, ofA], [b, ofB]) => promised(ofA) - promised(ofB) || worth(ofA) - worth(ofB) || (a < b ? -1 : 1),
  );
  return first?.[0] ?? null;
}

/** The first of the order that together give `bytes`; null, and so nothing evicted, when all together do not. */
export function chooseEvictions(candidates: readonly EvictionCandidate[], bytes: number): string[] | null {
  const chosen: string[] = [];
  let freed = 0;
  for (const candidate of evictionOrder(candidates)) {
    if (freed >= bytes) break;
    chosen.push(candidate.id);
    freed += candidate.bytes;
  }
  return freed >= bytes ? chosen : null;
}
