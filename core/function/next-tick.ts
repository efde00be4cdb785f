import type { Cron } from './cron';

interface Wall {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The 29th of February may be eight years away. */
const LONGEST_SEARCH_MS = 9 * 366 * 24 * HOUR_MS;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/**
 * The first moment after `after` that the expression names in the time zone, Unix milliseconds; null when there is none.
 * Where clocks are put forward, a fixed hour that does not exist that day comes at the change; where they are put back,
 * it comes once. Expressions for every hour go on through both.
 * @param until Unix milliseconds up to which to look
 */
export function nextTick(
  cron: Cron,
  timeZone: string,
  after: number,
  until = after + LONGEST_SEARCH_MS,
): number | null {
  const wallAt = wallClock(timeZone);
  const everyHour = cron.hours.size === 24;
  let time = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS;
  while (time <= until) {
    const wall = wallAt(time);
    if (!everyHour && wall.minute === 0 && isDay(cron, wall) && skippedAt(cron, wallAt(time - MINUTE_MS).hour, wall)) {
      return time;
    }
    if (!isDay(cron, wall) || !cron.hours.has(wall.hour)) {
      time += (60 - wall.minute) * MINUTE_MS;
      continue;
    }
    if (cron.minutes.has(wall.minute) && (everyHour || !isRepeated(wallAt, time, wall))) return time;
    time += MINUTE_MS;
  }
  return null;
}

function isDay(cron: Cron, { month, day, weekday }: Wall): boolean {
  if (!cron.months.has(month)) return false;
  const byDay = cron.days.has(day);
  const byWeekday = cron.weekdays.has(weekday);
  return cron.eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** Did the clock jump over an hour that the expression names? Put back, or in its usual course, it jumps over none. */
function skippedAt(cron: Cron, hourBefore: number, { hour }: Wall): boolean {
  const jump = (hour - hourBefore + 24) % 24;
  return jump === 2 && cron.hours.has((hourBefore + 1) % 24);
}

/** Has the same time of the day been there already, an hour or half an hour ago? */
function isRepeated(wallAt: (time: number) => Wall, time: number, { hour, minute }: Wall): boolean {
  return [HOUR_MS, HOUR_MS / 2].some((ago) => {
    const before = wallAt(time - ago);
    return before.hour === hour && before.minute === minute;
  });
}

function wallClock(timeZone: string): (time: number) => Wall {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    return {
      month: number('month'),
      day: number('day'),
      weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
      hour: number('hour'),
      minute: number('minute'),
    };
  };
}
