import { countAt, type Counts } from './member';

const HOUR = 60;
const DAY = 1_440;
const WEEK = 7 * DAY;
/** Days whose same time of day makes up the seasonal part. */
const SEASONS = 7;
/** Minutes before and after that time that count as the same: a day's rhythm is not kept to the minute. */
const SEASON_WIDTH = 2;

/** When the counts were made: the first minute since 1970, in the function's own time zone. */
export interface Clock {
  readonly firstMinute: number;
}

/**
 * What is known of a function at one moment, as the LSTM and the explanation of a forecast see it: the seed's list (hour of
 * day, day of week, weekend, moving averages of 5, 15 and 60 minutes, deviation and trend of the last hour, seasonal
 * decomposition, lags 1 to 3), and how long ago the last request was. Counts are requests a minute.
 */
export interface Features {
  /** 0 to 24, with the fraction of the hour. */
  readonly hourOfDay: number;
  /** 0 Monday to 6 Sunday. */
  readonly dayOfWeek: number;
  readonly isWeekend: boolean;
  readonly mean5: number;
  readonly mean15: number;
  readonly mean60: number;
  /** Standard deviation of the last hour. */
  readonly deviation60: number;
  /** Requests a minute that a minute more brings, by least squares over the last hour. */
  readonly trend: number;
  /** What this time of day brings beyond the mean of its days (additive); 0 before there was a day. */
  readonly seasonal: number;
  /** The last minute without its trend's level and its own season. */
  readonly residual: number;
  readonly lag1: number;
  readonly lag2: number;
  readonly lag3: number;
  /** Minutes since the last request, 1 for the last minute, at most a week. */
  readonly sinceLast: number;
}

/** @param origin the first minute that is not known, as an index of `counts` */
export function featuresAt(counts: Counts, origin: number, clock: Clock): Features {
  const minute = clock.firstMinute + origin;
  const dayOfWeek = weekdayOf(minute);
  const { mean: mean60, deviation, trend } = hourBefore(counts, origin);
  const [lag1, lag2, lag3] = [countAt(counts, origin - 1), countAt(counts, origin - 2), countAt(counts, origin - 3)];
  const level = mean60 + (trend * (HOUR - 1)) / 2;
  return {
    hourOfDay: modulo(minute, DAY) / HOUR,
    dayOfWeek,
    isWeekend: dayOfWeek >= 5,
    mean5: meanOf(counts, origin - 5, origin),
    mean15: meanOf(counts, origin - 15, origin),
    mean60,
    deviation60: deviation,
    trend,
    seasonal: seasonalAt(counts, origin, origin),
    residual: lag1 - level - seasonalAt(counts, origin - 1, origin),
    lag1,
    lag2,
    lag3,
    sinceLast: sinceLast(counts, origin),
  };
}

/** The seasonal part of a minute at or after the origin, from days before the origin. @param minute index of `counts` */
export function seasonalAt(counts: Counts, minute: number, origin: number): number {
  let season = 0;
  let days = 0;
  let base = 0;
  for (let day = 1; day <= SEASONS; day++) {
    const center = minute - day * DAY;
    // The day about it must be known as a whole, or its mean would lean to one side.
    if (center < DAY / 2) break;
    if (center + DAY / 2 > origin) continue;
    season += meanOf(counts, center - SEASON_WIDTH, center + SEASON_WIDTH + 1);
    base += meanOf(counts, center - DAY / 2, center + DAY / 2);
    days++;
  }
  return days === 0 ? 0 : (season - base) / days;
}

function hourBefore(counts: Counts, origin: number): { mean: number; deviation: number; trend: number } {
  const mean = meanOf(counts, origin - HOUR, origin);
  const middle = (HOUR - 1) / 2;
  let squares = 0;
  let slope = 0;
  let spread = 0;
  for (let i = 0; i < HOUR; i++) {
    const count = countAt(counts, origin - HOUR + i);
    squares += (count - mean) ** 2;
    slope += (i - middle) * count;
    spread += (i - middle) ** 2;
  }
  return { mean, deviation: Math.sqrt(squares / HOUR), trend: slope / spread };
}

function meanOf(counts: Counts, from: number, to: number): number {
  let sum = 0;
  for (let minute = from; minute < to; minute++) sum += countAt(counts, minute);
  return to > from ? sum / (to - from) : 0;
}

function sinceLast(counts: Counts, origin: number): number {
  const most = Math.min(origin, WEEK);
  for (let back = 1; back <= most; back++) if (countAt(counts, origin - back) > 0) return back;
  return WEEK;
}

/** Day 0 of 1970 was a Thursday. */
function weekdayOf(minute: number): number {
  return modulo(Math.floor(minute / DAY) + 3, 7);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
