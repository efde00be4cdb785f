const MINUTE = 60;

/** What is known of the calls of some minutes. */
export interface CountedMinutes {
  /** Calls in each minute, the oldest first; what is no number counts as none. */
  readonly counts: ArrayLike<number>;
  /** Minutes since 1970 of the first. */
  readonly firstMinute: number;
}

/**
 * Counts as calls, at seconds since 1970: a minute's only call comes at the same second of each minute, several are evenly
 * spread. Of a busy past only the last minutes are laid out, as many as make `most` calls.
 * @param second of the minute, 0 to 60 @param most calls, from 1
 */
export function layOutMinutes({ counts, firstMinute }: CountedMinutes, second: number, most: number): number[] {
  let first = counts.length;
  let calls = 0;
  while (first > 0) {
    const count = countOf(counts[first - 1]);
    if (calls + count > most) break;
    calls += count;
    first--;
  }
  const times: number[] = [];
  for (let minute = first; minute < counts.length; minute++) {
    const count = countOf(counts[minute]);
    const begin = (firstMinute + minute) * MINUTE;
    if (count === 1) times.push(begin + second);
    else for (let call = 0; call < count; call++) times.push(begin + ((call + 0.5) * MINUTE) / count);
  }
  return times;
}

function countOf(count: number | undefined): number {
  return count !== undefined && Number.isFinite(count) && count > 0 ? Math.round(count) : 0;
}
