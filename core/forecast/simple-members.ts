import { countAt, type Counts, type Member } from './member';
import { median } from './median';

/** Nothing comes: right most of the time for most functions. */
export const zero: Member = { name: 'zero', forecast: (_, __, horizon) => new Float64Array(horizon) };

/** What was last goes on. */
export const naive: Member = {
  name: 'naive',
  forecast: (counts, origin, horizon) => new Float64Array(horizon).fill(countAt(counts, origin - 1)),
};

/** The mean of the last minutes goes on. */
export function trailingMean(minutes: number): Member {
  return {
    name: `mean-${minutes}`,
    forecast: (counts, origin, horizon) => {
      let sum = 0;
      for (let back = 1; back <= minutes; back++) sum += countAt(counts, origin - back);
      return new Float64Array(horizon).fill(sum / minutes);
    },
  };
}

/** The median of the last minutes goes on. */
export function trailingMedian(minutes: number): Member {
  return {
    name: `median-${minutes}`,
    forecast: (counts, origin, horizon) => {
      const recent = Array.from({ length: minutes }, (_, i) => countAt(counts, origin - 1 - i));
      return new Float64Array(horizon).fill(median(recent));
    },
  };
}

/** What came one period ago comes again. A period shorter than the horizon is repeated. @param period in minutes */
export function seasonalNaive(period: number): Member {
  return {
    name: `lag-${period}`,
    forecast: (counts, origin, horizon) =>
      Float64Array.from({ length: horizon }, (_, step) => countAt(counts, origin - period + (step % period))),
  };
}

/** The median of what came one, two and three periods ago: one odd day does not make the next. @param period in minutes */
export function seasonalMedian(period: number): Member {
  return {
    name: `lag-median-${period}`,
    forecast: (counts, origin, horizon) =>
      Float64Array.from({ length: horizon }, (_, step) => lagMedian(counts, origin, step, period)),
  };
}

/** Days that make up the shape of a day, and minutes on either side that count as the same time. */
const SHAPE_DAYS = 3;
const SHAPE_WIDTH = 2;
const DAY = 1_440;

/** The mean of the same five minutes of the last three days: a rhythm that is not kept to the minute. */
export const dayShape: Member = {
  name: 'day-shape',
  forecast: (counts, origin, horizon) =>
    Float64Array.from({ length: horizon }, (_, step) => {
      let sum = 0;
      for (let day = 1; day <= SHAPE_DAYS; day++) {
        const centre = origin + step - day * DAY;
        for (let minute = centre - SHAPE_WIDTH; minute <= centre + SHAPE_WIDTH; minute++)
          sum += countAt(counts, minute);
      }
      return sum / SHAPE_DAYS / (2 * SHAPE_WIDTH + 1);
    }),
};

/** Minutes in which the present level is compared with that of earlier periods. */
const LEVEL = 30;
/** The level is taken to have changed by this factor at most: rare requests say little about it. */
const MOST_CHANGE = 4;
/** Requests that are added to both levels, so that a quiet half hour does not forecast silence or a flood. */
const LEVEL_DOUBT = 1;

/**
 * What the same minutes of earlier periods had on average, raised or lowered as the last half hour was against theirs: busy
 * functions keep the shape of their day, or of their hour, at a level that moves.
 * @param period in minutes @param periods how many earlier ones
 */
export function scaledSeason(period: number, periods: number): Member {
  const shape = (counts: Counts, minute: number): number => {
    let sum = 0;
    for (let k = 1; k <= periods; k++) sum += countAt(counts, minute - k * period);
    return sum / periods;
  };
  return {
    name: `scaled-${period}x${periods}`,
    forecast: (counts, origin, horizon) => {
      let [now, before] = [LEVEL_DOUBT, LEVEL_DOUBT];
      for (let back = 1; back <= LEVEL; back++) {
        now += countAt(counts, origin - back);
        before += shape(counts, origin - back);
      }
      const change = Math.min(MOST_CHANGE, Math.max(1 / MOST_CHANGE, now / before));
      return Float64Array.from({ length: horizon }, (_, step) => change * shape(counts, origin + step));
    },
  };
}

/** Periods that timers have, in minutes. */
export const PERIODS = [2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440] as const;
/** Minutes over which the period is chosen: three days. */
const CHOICE = 4_320;
const FALLBACK = 60;

/**
 * The period whose median of three would have been nearest over the last three days (mean absolute error). 60 for a history
 * too short to tell: each period needs its own three in front of these days.
 * @param origin the first minute that is not known
 */
export function bestPeriod(counts: Counts, origin: number): number {
  if (origin < 2 * CHOICE) return FALLBACK;
  let best: number = FALLBACK;
  let least = Number.POSITIVE_INFINITY;
  for (const period of PERIODS) {
    let error = 0;
    for (let minute = origin - CHOICE; minute < origin && error < least; minute++) {
      error += Math.abs(countAt(counts, minute) - lagMedian(counts, minute, 0, period));
    }
    if (error < least) {
      least = error;
      best = period;
    }
  }
  return best;
}

function lagMedian(counts: Counts, origin: number, step: number, period: number): number {
  const minute = (k: number): number => {
    const lag = period * k;
    return countAt(counts, origin - lag + (lag >= step + 1 ? step : step % lag));
  };
  const [a, b, c] = [minute(1), minute(2), minute(3)];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
