/** Requests that ended, and those of them that failed: status 500 and above, or an error of the platform. */
export interface ShiftSample {
  readonly requests: number;
  readonly failed: number;
}

/** Of the share of failures by which the new node may be above the old one. */
const TOLERATED = 0.02;
/** A single failure may be a coincidence, unless there is little else. */
const [FEWEST_FAILURES, FEW_REQUESTS] = [2, 4];

/**
 * What is wrong with the new node; null when it serves as well as the old one. A function that fails by itself fails on
 * both.
 */
export function judgeShift(target: ShiftSample, source: ShiftSample): string | null {
  const few = target.requests < FEW_REQUESTS;
  if (target.failed === 0 || (target.failed < FEWEST_FAILURES && !few)) return null;
  const share = target.failed / target.requests;
  const before = source.requests === 0 ? 0 : source.failed / source.requests;
  if (share <= before + TOLERATED) return null;
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return `${target.failed} of ${target.requests} requests failed there (${percent(share)}), ${percent(before)} before`;
}
