import { z } from 'zod';
import { QUANTILES } from './forecast';

/**
 * Expected requests up to which forecasts are calibrated together. Of rare requests a quantile is 0 or 1, of frequent ones a
 * number among many: one level of the spread cannot serve both.
 */
const BOUNDS = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100] as const;
const BUCKETS = BOUNDS.length + 1;

/** Which of the buckets an expected number of requests falls into. */
export function bucketOf(expected: number): number {
  const bucket = BOUNDS.findIndex((bound) => expected < bound);
  return bucket < 0 ? BOUNDS.length : bucket;
}

/** For each bucket and each level of `QUANTILES`: the level of the members' spread that came out so often. */
const levelsSchema = z.array(z.array(z.number().min(0).max(1)).length(QUANTILES.length)).length(BUCKETS);

/** What a training learned about how far the members' spread can be believed. */
export const calibrationSchema = z.strictObject({
  minutes: levelsSchema,
  totals: levelsSchema,
  /** A spike is announced where the share of its foretellers is above this. */
  alarm: z.number().min(0).max(1),
});
export type Calibration = Readonly<z.infer<typeof calibrationSchema>>;

/** Before anything was learned: the spread as it is, and the threshold that was right for most on real traffic. */
const UNCALIBRATED_LEVELS = Array.from({ length: BUCKETS }, () => [...QUANTILES]);
export const UNCALIBRATED: Calibration = { minutes: UNCALIBRATED_LEVELS, totals: UNCALIBRATED_LEVELS, alarm: 0.05 };

/** Levels of the spread that are tried. */
export const TRIED_LEVELS: readonly number[] = Array.from({ length: 99 }, (_, i) => (i + 1) / 100)
  .concat([0.0025, 0.005, 0.9925, 0.995, 0.9975])
  .sort((a, b) => a - b);
/** Thresholds of alarms that are tried. */
const TRIED_ALARMS = 200;
/** Alarms are set so that this share of them is right, a little more than what is asked of them. */
const WANTED_PRECISION = 0.57;
const FEWEST_ALARMS = 20;

/** Place of the upper end of the 90 % interval; the lower is the first. */
const HIGH_END = QUANTILES.indexOf(0.95);
/** An end of the interval is missed at most so many times as often as it says, in no bucket more. */
const MOST_ALLOWED = 1.5;
/** What is left for days unlike those that were learned from: of the misses that an interval may have, this share is used. */
const INTERVAL_MISSES = 0.85;
/** Forecasts that a bucket needs; with fewer it takes its neighbour's levels. */
const FEWEST_FORECASTS = 400;

/** Counts how often what came lay below and above the quantiles of the members' spread. */
class LevelTally {
  readonly #below = Array.from({ length: BUCKETS }, () => new Float64Array(TRIED_LEVELS.length));
  readonly #above = Array.from({ length: BUCKETS }, () => new Float64Array(TRIED_LEVELS.length));
  readonly #count = new Float64Array(BUCKETS);

  add(actual: number, expected: number, quantiles: ArrayLike<number>): void {
    const bucket = bucketOf(expected);
    const below = this.#below[bucket] as Float64Array;
    const above = this.#above[bucket] as Float64Array;
    this.#count[bucket] = (this.#count[bucket] as number) + 1;
    for (let level = 0; level < TRIED_LEVELS.length; level++) {
      const quantile = quantiles[level] as number;
      if (actual < quantile) below[level] = (below[level] as number) + 1;
      else if (actual > quantile) above[level] = (above[level] as number) + 1;
    }
  }

  levels(): number[][] {
    const known = Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter(
      (bucket) => (this.#count[bucket] as number) >= FEWEST_FORECASTS,
    );
    const missed = { low: this.#allowed(known, 'low'), high: this.#allowed(known, 'high') };
    return Array.from({ length: BUCKETS }, (_, bucket) => {
      const near = known.reduce<number | null>(
        (best, each) => (best === null || Math.abs(each - bucket) < Math.abs(best - bucket) ? each : best),
        null,
      );
      if (near === null) return [...QUANTILES];
      return QUANTILES.map((nominal, place) => {
        if (nominal === 0.5) return nominal;
        if (nominal < 0.5) return TRIED_LEVELS[this.#lowPlace(near, place === 0 ? missed.low : nominal)] as number;
        return TRIED_LEVELS[this.#highPlace(near, place === HIGH_END ? missed.high : 1 - nominal)] as number;
      });
    });
  }

  /**
   * How often an end of the 90 % interval may be missed in each bucket. Counts are whole: of rare requests it is missed less
   * often than it may be. What these leave over the others may use, up to half as much again, so that the interval holds what
   * it says over all functions together and is no wider than it needs to be.
   */
  #allowed(known: readonly number[], end: 'low' | 'high'): number {
    const nominal = QUANTILES[0];
    const low = end === 'low';
    const counted = known.reduce((sum, bucket) => sum + (this.#count[bucket] as number), 0);
    for (let allowed = nominal * MOST_ALLOWED; allowed > nominal; allowed -= nominal / 20) {
      const misses = known.reduce((sum, bucket) => {
        const table = (low ? this.#below : this.#above)[bucket] as Float64Array;
        return sum + (table[low ? this.#lowPlace(bucket, allowed) : this.#highPlace(bucket, allowed)] as number);
      }, 0);
      if (misses <= INTERVAL_MISSES * nominal * counted) return allowed;
    }
    return nominal;
  }

  /** The highest level below which no more than this share came. */
  #lowPlace(bucket: number, allowed: number): number {
    const below = this.#below[bucket] as Float64Array;
    const most = allowed * (this.#count[bucket] as number);
    return Math.max(
      0,
      TRIED_LEVELS.findLastIndex((level, i) => level <= 0.5 && (below[i] as number) <= most),
    );
  }

  /** The lowest level above which no more than this share came. */
  #highPlace(bucket: number, allowed: number): number {
    const above = this.#above[bucket] as Float64Array;
    const most = allowed * (this.#count[bucket] as number);
    const place = TRIED_LEVELS.findIndex((level, i) => level >= 0.5 && (above[i] as number) <= most);
    return place < 0 ? TRIED_LEVELS.length - 1 : place;
  }
}

/** Learns a calibration from forecasts of times that nothing was trained on. */
export class CalibrationTally {
  readonly #minutes = new LevelTally();
  readonly #totals = new LevelTally();
  readonly #alarms = new Float64Array(TRIED_ALARMS);
  readonly #right = new Float64Array(TRIED_ALARMS);

  /** One minute. @param quantiles of the spread at `TRIED_LEVELS` */
  minute(actual: number, expected: number, quantiles: ArrayLike<number>): void {
    this.#minutes.add(actual, expected, quantiles);
  }

  /** The sum of all minutes ahead. @param expected of all of them @param quantiles of the spread at `TRIED_LEVELS` */
  total(actual: number, expected: number, quantiles: ArrayLike<number>): void {
    this.#totals.add(actual, expected, quantiles);
  }

  /** One minute's share of foretellers, and whether a spike came at most one minute from it. */
  spike(share: number, came: boolean): void {
    // An alarm at every threshold below the share.
    const upTo = Math.min(TRIED_ALARMS, Math.ceil(share * TRIED_ALARMS));
    for (let i = 0; i < upTo; i++) {
      this.#alarms[i] = (this.#alarms[i] as number) + 1;
      if (came) this.#right[i] = (this.#right[i] as number) + 1;
    }
  }

  calibration(): Calibration {
    return { minutes: this.#minutes.levels(), totals: this.#totals.levels(), alarm: this.#threshold() };
  }

  /** The lowest threshold whose alarms are right often enough. */
  #threshold(): number {
    for (let i = 1; i < TRIED_ALARMS; i++) {
      const alarms = this.#alarms[i] as number;
      if (alarms < FEWEST_ALARMS) break;
      if ((this.#right[i] as number) >= WANTED_PRECISION * alarms) return i / TRIED_ALARMS;
    }
    return UNCALIBRATED.alarm;
  }
}
