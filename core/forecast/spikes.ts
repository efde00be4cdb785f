import type { Series } from './accuracy';
import { countsFrom, type Counts } from './member';

/** What counts as a spike is above the trailing hour's mean by so many of its standard deviations. */
const DEVIATIONS = 2;
/** Minutes of the trailing hour. */
const TRAILING = 60;
/** Above what rounding makes of a function that never varies: a forecast of what always comes is no spike. */
const ROUNDING = 1e-9;
/** A bar below half a request would make a spike of each. */
const LOWEST_BAR = 0.5;

/** The bar that a minute's count is a spike above, from the hour before the forecast was made. */
export function spikeBar(history: Series): number {
  const from = Math.max(0, history.length - TRAILING);
  const length = history.length - from;
  let sum = 0;
  let squares = 0;
  for (let i = from; i < history.length; i++) {
    const count = history[i] as number;
    sum += count;
    squares += count * count;
  }
  const mean = length === 0 ? 0 : sum / length;
  const variance = length === 0 ? 0 : Math.max(0, squares / length - mean * mean);
  return Math.max(LOWEST_BAR, mean + DEVIATIONS * Math.sqrt(variance)) + ROUNDING;
}

/** The bar of a forecast made at an origin. @param origin the first minute that is not known */
export function spikeBarAt(counts: Counts, origin: number): number {
  const length = Math.min(TRAILING, origin);
  return spikeBar(countsFrom(counts, origin - length, length));
}

/** Counts of minutes, to be added up over forecasts. */
export interface SpikeTally {
  readonly spikes: number;
  /** Spikes with a forecast above the bar at most one step away. */
  readonly foretold: number;
  readonly alarms: number;
  /** Alarms with a spike at most one step away. */
  readonly right: number;
  readonly minutes: number;
}

/** Compares one forecast of some steps ahead with what came. @param bar as `spikeBar` gave it when the forecast was made */
export function tallySpikes(actual: Series, forecast: Series, bar: number): SpikeTally {
  return tallyAlarms(
    actual,
    Array.from(forecast, (value) => value > bar),
    bar,
  );
}

/** The same for a forecast that says outright in which steps it expects a spike. */
export function tallyAlarms(actual: Series, alarms: readonly boolean[], bar: number): SpikeTally {
  const tally = { spikes: 0, foretold: 0, alarms: 0, right: 0, minutes: actual.length };
  const alarmed = alarms.map(Number);
  for (let step = 0; step < actual.length; step++) {
    if ((actual[step] as number) > bar) {
      tally.spikes++;
      if (isNear(alarmed, step, 0)) tally.foretold++;
    }
    if (alarms[step]) {
      tally.alarms++;
      if (isNear(actual, step, bar)) tally.right++;
    }
  }
  return tally;
}

/** Whether the value of a step, or of one beside it, is above the bar. */
export function isNear(series: Series, step: number, bar: number): boolean {
  for (let i = Math.max(0, step - 1); i <= Math.min(series.length - 1, step + 1); i++) {
    if ((series[i] as number) > bar) return true;
  }
  return false;
}

/** Recall, precision and the share of minutes with a false alarm; null where there was nothing to recall or to be precise about. */
export function spikeScores(tallies: Iterable<SpikeTally>): {
  readonly recall: number | null;
  readonly precision: number | null;
  readonly falseAlarmRate: number | null;
} {
  let [spikes, foretold, alarms, right, minutes] = [0, 0, 0, 0, 0];
  for (const tally of tallies) {
    spikes += tally.spikes;
    foretold += tally.foretold;
    alarms += tally.alarms;
    right += tally.right;
    minutes += tally.minutes;
  }
  return {
    recall: spikes > 0 ? foretold / spikes : null,
    precision: alarms > 0 ? right / alarms : null,
    falseAlarmRate: minutes > 0 ? (alarms - right) / minutes : null,
  };
}
