import { PLATFORM_ID, type HeldRow } from './held-row';

/** Who used what is kept for all. */
export interface SharedUser {
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
}

/**
 * What was kept for all functions within a minute, split by use; where nobody used it, it is the platform's own. Each gets the whole
 * part of its share, and what is left by rounding goes, a byte-millisecond each, to those whose shares were cut the most: the rows
 * sum to the whole exactly.
 * @param uses how often each used it, whole numbers from 0 on
 */
export function splitShared(minute: Date, byteMs: bigint, uses: ReadonlyMap<SharedUser, number>): readonly HeldRow[] {
  const row = (user: SharedUser | null, sharedByteMs: bigint): HeldRow => ({
    tenant: user?.tenant ?? null,
    functionId: user?.functionId ?? PLATFORM_ID,
    function: user?.function ?? PLATFORM_ID,
    ...{ minute, runningByteMs: 0n, frozenByteMs: 0n, sharedByteMs },
  });
  if (byteMs === 0n) return [];
  const users = [...uses].filter(([, count]) => count > 0).map(([user, count]) => ({ user, count: BigInt(count) }));
  const all = users.reduce((sum, { count }) => sum + count, 0n);
  if (all === 0n) return [row(null, byteMs)];
  const shares = users.map(({ user, count }) => ({
    user,
    part: (byteMs * count) / all,
    cut: (byteMs * count) % all,
  }));
  const left = Number(byteMs - shares.reduce((sum, { part }) => sum + part, 0n));
  const byCut = [...shares].sort((a, b) => Number(b.cut - a.cut) || (a.user.functionId < b.user.functionId ? -1 : 1));
  const rounded = new Set(byCut.slice(0, left));
  return shares
    .map((share) => row(share.user, share.part + (rounded.has(share) ? 1n : 0n)))
    .filter(({ sharedByteMs }) => sharedByteMs > 0n);
}
