/** What functions of a budget have cost in the past: whole hours without gaps, the oldest first, in picodollars. */
export interface PastSpend {
  readonly hours: readonly bigint[];
  /** End of the last of them, Unix milliseconds. */
  readonly until: number;
}

/** Hours of a day in the pattern. */
const DAY = 24;
const WEEK = 7;
/** A day says so much of the next, in comparison with the day after it. */
const LEVEL_DECAY = 0.5;
const SHAPE_DECAY = 0.8;
/** Whole days from which on days of the week are told apart. */
const WEEKS_FROM = 2 * WEEK;

/** How spend is spread over the hours of a day and the days of a week, and how much it is at present. An estimate, not an account. */
export interface SpendPattern {
  /** Picodollars that are expected of the hour that begins `ahead` whole hours after the past's end; -1 is the last of the past. */
  at(ahead: number): number;
}

/**
 * The pattern of a past: a level that follows the last days (each counts half of the day after it), times the hour's share of a day,
 * times the weekday's share of a week. Less than a day of past has a level alone; less than two weeks know no weekdays. What was
 * before the first spend is left out: the functions were not there. Null: nothing was spent.
 */
export function spendPattern({ hours }: PastSpend): SpendPattern | null {
  const first = hours.findIndex((amount) => amount > 0n);
  if (first < 0) return null;
  const known = hours.slice(first).map(Number).reverse();
  const days = Math.floor(known.length / DAY);
  if (days === 0) {
    const mean = sum(known) / known.length;
    return { at: () => mean };
  }
  const totals = Array.from({ length: days }, (_, day) => sum(known.slice(day * DAY, (day + 1) * DAY)));
  // Spent in the oldest hours alone, which are no whole day.
  if (sum(totals) === 0) return null;
  const weekdays = weekdayFactors(totals);
  const factor = (day: number): number => weekdays[((day % WEEK) + WEEK) % WEEK] as number;
  const level = weighted(
    totals.flatMap((total, day) => (factor(day) > 0 ? total / DAY / factor(day) : [])),
    LEVEL_DECAY,
  );
  const shape = Array.from({ length: DAY }, (_, hour) =>
    weighted(
      totals.map((_total, day) => known[day * DAY + hour] as number),
      SHAPE_DECAY,
    ),
  );
  const mean = sum(shape) / DAY;
  return {
    at: (ahead) => {
      // Backwards, as the lists are: hour 0 of day 0 is the last of the past.
      const back = -1 - ahead;
      const hour = ((back % DAY) + DAY) % DAY;
      return level * factor(Math.floor(back / DAY)) * ((shape[hour] as number) / mean);
    },
  };
}

/**
 * By days back, modulo a week: how each compares with the mean of its week, so that a rise over weeks is no weekday's. All 1 where too
 * few are known; 0 for a day on which nothing ever happens.
 */
function weekdayFactors(totals: readonly number[]): readonly number[] {
  if (totals.length < WEEKS_FROM) return Array<number>(WEEK).fill(1);
  const weeks = Array.from({ length: Math.floor(totals.length / WEEK) }, (_, week) =>
    totals.slice(week * WEEK, (week + 1) * WEEK),
  ).filter((days) => sum(days) > 0);
  return Array.from({ length: WEEK }, (_, day) =>
    weeks.length === 0 ? 1 : sum(weeks.map((days) => ((days[day] as number) * WEEK) / sum(days))) / weeks.length,
  );
}

/** The mean of values of which each weighs `decay` of the one before it. */
function weighted(values: readonly number[], decay: number): number {
  const weights = values.map((_, index) => decay ** index);
  return sum(values.map((value, index) => value * (weights[index] as number))) / sum(weights);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
