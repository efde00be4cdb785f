/** What is taken from real functions of one pattern. */
export interface PatternFit {
  /** Functions it was taken from. */
  readonly functions: number;
  /** Traffic in each hour of the week from Monday on, over the mean: the mean of all functions, each weighing the same. */
  readonly week: Float64Array;
  /** Standard deviation of the logarithm of what an hour has beyond that, without what Poisson arrivals bring. */
  readonly hourSigma: number;
  /** Mean calls a minute of each function, rising. */
  readonly rates: Float64Array;
  /** Null where the pattern is not one of bursts. */
  readonly bursts: BurstFit | null;
}

/** Mean and standard deviation of logarithms. */
export interface LogNormal {
  readonly mean: number;
  readonly sigma: number;
}

/** Bursts are calls with less than ten quiet minutes between them. */
export interface BurstFit {
  /** Minutes from the end of one to the begin of the next, and that one lasts. */
  readonly spacing: LogNormal;
  readonly duration: LogNormal;
  /** Calls a minute in a burst over the mean burst of its function. */
  readonly level: LogNormal;
}

const HOUR = 60;
const WEEK_HOURS = 168;
const QUIET = 10;

/** @param counts of each function in each minute from a Monday's midnight on, a week at least @throws RangeError without functions */
export function fitPattern(counts: readonly ArrayLike<number>[], bursty: boolean): PatternFit {
  if (counts.length === 0) throw new RangeError('A pattern cannot be fitted to no functions');
  const hours = counts.map(hourly);
  const week = meanOf(hours.map(weekOf));
  const sigmas = hours.map((each) => hourSigma(each, week)).sort((a, b) => a - b);
  return {
    functions: counts.length,
    week,
    hourSigma: sigmas[sigmas.length >> 1] as number,
    rates: Float64Array.from(counts, (each) => sum(each) / each.length).sort(),
    bursts: bursty ? fitBursts(counts) : null,
  };
}

function hourly(counts: ArrayLike<number>): Float64Array {
  const hours = new Float64Array(Math.floor(counts.length / HOUR));
  for (let minute = 0; minute < hours.length * HOUR; minute++) {
    const hour = Math.floor(minute / HOUR);
    hours[hour] = (hours[hour] as number) + (counts[minute] as number);
  }
  return hours;
}

/** Each hour of the week over the mean of all; 1 where the function was never called. */
function weekOf(hours: Float64Array): Float64Array {
  const mean = sum(hours) / hours.length;
  const week = new Float64Array(WEEK_HOURS);
  const seen = new Float64Array(WEEK_HOURS);
  hours.forEach((count, hour) => {
    const at = hour % WEEK_HOURS;
    week[at] = (week[at] as number) + (mean > 0 ? count / mean : 1);
    seen[at] = (seen[at] as number) + 1;
  });
  return week.map((total, at) => ((seen[at] as number) > 0 ? total / (seen[at] as number) : 1));
}

/** From the variance that exceeds the mean (Poisson) over the square of the mean: of a lognormal factor. */
function hourSigma(hours: Float64Array, week: Float64Array): number {
  const mean = sum(hours) / hours.length;
  let excess = 0;
  let squares = 0;
  hours.forEach((count, hour) => {
    const expected = mean * (week[hour % WEEK_HOURS] as number);
    excess += (count - expected) ** 2 - expected;
    squares += expected ** 2;
  });
  return squares > 0 ? Math.sqrt(Math.log1p(Math.max(0, excess / squares))) : 0;
}

function fitBursts(functions: readonly ArrayLike<number>[]): BurstFit {
  const spacings: number[] = [];
  const durations: number[] = [];
  const levels: number[] = [];
  for (const counts of functions) {
    const bursts = burstsOf(counts);
    const own = bursts.map(({ from, to, calls }) => calls / (to - from));
    const mean = sum(own) / Math.max(1, own.length);
    bursts.forEach(({ from, to }, index) => {
      durations.push(to - from);
      levels.push((own[index] as number) / mean);
      const next = bursts[index + 1];
      if (next) spacings.push(next.from - to);
    });
  }
  return { spacing: logNormal(spacings), duration: logNormal(durations), level: logNormal(levels) };
}

function burstsOf(counts: ArrayLike<number>): { from: number; to: number; calls: number }[] {
  const bursts: { from: number; to: number; calls: number }[] = [];
  for (let minute = 0; minute < counts.length; minute++) {
    const calls = counts[minute] as number;
    if (calls === 0) continue;
    const last = bursts.at(-1);
    if (last && minute - last.to < QUIET) {
      last.to = minute + 1;
      last.calls += calls;
    } else bursts.push({ from: minute, to: minute + 1, calls });
  }
  return bursts;
}

function logNormal(values: readonly number[]): LogNormal {
  const logs = values.map((value) => Math.log(value));
  const mean = sum(logs) / Math.max(1, logs.length);
  const variance = sum(logs.map((log) => (log - mean) ** 2)) / Math.max(1, logs.length);
  return { mean, sigma: Math.sqrt(variance) };
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: WEEK_HOURS }, (_, at) => sum(rows.map((row) => row[at] as number)) / rows.length);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += values[index] as number;
  return total;
}
