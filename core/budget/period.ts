import type { BudgetSpec } from './budget-spec';

/** From its start up to but not at its end, Unix milliseconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** A day of a calendar; months from 1. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Clocks on earth are at most so far from UTC, with a day on top where one was skipped. */
const FARTHEST_MS = 40 * HOUR_MS;

/**
 * The day or month of the time zone that holds a moment. A day begins with the first second that its clocks show that date: where
 * midnight is skipped, when they are put forward; where it comes twice, the first time. So periods follow on each other without gap or
 * overlap, and a day may have 23, 24, 25 or any other number of hours.
 * @param now Unix milliseconds
 */
export function periodAt({ period, timeZone }: Pick<BudgetSpec, 'period' | 'timeZone'>, now: number): Period {
  const clock = clockOf(timeZone);
  const today = clock(now);
  const first = period === 'daily' ? today : { ...today, day: 1 };
  const shifted = (by: number): Day =>
    period === 'daily'
      ? calendarDay(first.year, first.month, first.day + by)
      : calendarDay(first.year, first.month + by, 1);
  // Clocks that are put back over midnight show yesterday's date again: then the next period has begun already.
  for (const by of [-1, 0, 1]) {
    const [start, end] = [dayStart(shifted(by), clock), dayStart(shifted(by + 1), clock)];
    if (start <= now && now < end) return { start, end };
  }
  throw new RangeError(`${now} is in no ${period} period of ${timeZone}`);
}

/** The first second at which the clocks show the day, or one after it where it was skipped as a whole. */
function dayStart(wanted: Day, clock: (time: number) => Day): number {
  const utc = Date.UTC(wanted.year, wanted.month - 1, wanted.day);
  let [before, from] = [utc - FARTHEST_MS, utc + FARTHEST_MS];
  while (from - before > SECOND_MS) {
    const middle = before + Math.floor((from - before) / 2 / SECOND_MS) * SECOND_MS;
    if (isBefore(clock(middle), wanted)) before = middle;
    else from = middle;
  }
  return from;
}

function isBefore(a: Day, b: Day): boolean {
  return Date.UTC(a.year, a.month - 1, a.day) < Date.UTC(b.year, b.month - 1, b.day);
}

/** Days and months beyond the ends of a month or year count on. */
function calendarDay(year: number, month: number, day: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones of the database are fewer; what is above them are other spellings. */
const MOST_FORMATS = 1_000;

/** What the clocks of a time zone say. Making a format takes far longer than using it. */
function clockOf(timeZone: string): (time: number) => Day {
  let format = formats.get(timeZone);
  if (!format) {
    if (formats.size >= MOST_FORMATS) formats.clear();
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const chosen = format;
  return (time) => {
    const [month = 0, day = 0, year = 0] = chosen.format(time).split('/').map(Number);
    return { year, month, day };
  };
}

/** How many hours are left of a period, with their fractions. */
export function hoursLeft({ end }: Period, now: number): number {
  return Math.max(0, end - now) / HOUR_MS;
}
