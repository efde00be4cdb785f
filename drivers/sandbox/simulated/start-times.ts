import type { RunSpec } from '../../../core/function/run-spec';

export type StartStep = 'cold' | 'restore' | 'thaw';

/** Milliseconds that one start takes; `random` gives numbers in [0, 1). */
export type StartTimes = (step: StartStep, runtime: RunSpec['runtime'], random: () => number) => number;

/**
 * Quantiles 0, 5 … 100 % of measured initialisation times in ms, by runtime (86, 76 and 182 functions). From Alibaba Cloud,
 * Cloud-Native Challenge 2023, dataSet_3 (as published in YiWang-CN/serverless-cold-start-optimization); the source does not
 * say how they were recorded.
 */
const COLD: Readonly<Record<RunSpec['runtime'], readonly number[]>> = {
  nodejs: [126, 135, 146, 151, 156, 160, 161, 163, 166, 171, 174, 183, 185, 190, 200, 222, 582, 674, 734, 1236, 14747],
  python: [103, 114, 120, 127, 130, 131, 134, 134, 136, 137, 137, 138, 141, 144, 146, 150, 160, 178, 342, 1350, 18754],
  http: [
    9, 268, 375, 730, 866, 1223, 1324, 1398, 1440, 1500, 1522, 1551, 1851, 2214, 3052, 4065, 4979, 6452, 7901, 9384,
    35290,
  ],
};

/**
 * Least, median, 99th percentile and an upper end in ms, measured with our own runc driver on a machine with two cores:
 * restores of a small function, thaws of a frozen one, to the first response.
 */
const RESTORE = [7.0, 10.7, 19.1, 40] as const;
const THAW = [0.2, 0.44, 3.0, 8] as const;
const SHARES = [0, 0.5, 0.99, 1] as const;

/** Start times as others measured them on real systems: straight lines between the quantiles. */
export const measuredStartTimes: StartTimes = (step, runtime, random) => {
  const share = random();
  if (step === 'cold') {
    const values = COLD[runtime];
    return between(
      values.map((_, index) => index / (values.length - 1)),
      values,
      share,
    );
  }
  return between(SHARES, step === 'restore' ? RESTORE : THAW, share);
};

/** The value at `at` of the line through (shares[i], values[i]); shares rise from 0 to 1. */
function between(shares: readonly number[], values: readonly number[], at: number): number {
  const upper = Math.max(
    1,
    shares.findIndex((share) => share >= at),
  );
  const [x0, x1] = [shares[upper - 1] ?? 0, shares[upper] ?? 1];
  const [y0, y1] = [values[upper - 1] ?? 0, values[upper] ?? 0];
  return y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
}
