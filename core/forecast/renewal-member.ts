import { countAt, type Counts, type Member } from './member';

/** Gaps that are looked back at, and the minutes in which they are looked for. */
const MOST_GAPS = 200;
const LOOK_BACK = 10_080;
/** Fewer gaps say nothing about the next. */
const FEWEST_GAPS = 3;
/** Recent gaps count more: each before it by so much less. */
const FADE = 0.98;
/** What is never seen may still happen: this much of a gap, spread over all lengths. */
const UNSEEN = 0.5;

/** How long a function rests between active minutes, and how much comes in one. */
interface Rhythm {
  /** Weight of gaps of each length in minutes; index 0 is not used. */
  readonly gaps: Float64Array;
  readonly total: number;
  /** Requests of an active minute. */
  readonly perActive: number;
  readonly sinceLast: number;
}

/**
 * Forecasts by the time since the last active minute: the share of past gaps that end in each of the next minutes among
 * those that had lasted as long as this one, and what follows after each (the renewal equation; Cox, "Renewal Theory",
 * 1962). It sees timers whose period no lag has, and functions that come in pairs.
 */
export const renewal: Member = {
  name: 'renewal',
  forecast: (counts, origin, horizon) => {
    const rhythm = rhythmOf(counts, origin);
    const expected = new Float64Array(horizon);
    if (!rhythm) return expected;
    const { gaps, total, perActive, sinceLast } = rhythm;
    const share = (gap: number): number => ((gaps[gap] ?? 0) + UNSEEN / gaps.length) / (total + UNSEEN);
    let surviving = 1;
    for (let gap = 1; gap <= sinceLast; gap++) surviving -= share(gap);
    surviving = Math.max(surviving, UNSEEN / gaps.length / (total + UNSEEN));
    for (let step = 0; step < horizon; step++) {
      // The first active minute from now on, and those that follow an active one before.
      let active = share(sinceLast + step + 1) / surviving;
      for (let before = 0; before < step; before++) active += (expected[before] as number) * share(step - before);
      expected[step] = Math.min(1, active);
    }
    return expected.map((active) => active * perActive);
  },
};

function rhythmOf(counts: Counts, origin: number): Rhythm | null {
  const gaps = new Float64Array(LOOK_BACK + 1);
  let later = -1;
  let last = -1;
  let found = 0;
  let total = 0;
  let weight = 1;
  let requests = 0;
  let active = 0;
  for (let minute = origin - 1; minute >= Math.max(0, origin - LOOK_BACK) && found < MOST_GAPS; minute--) {
    const count = countAt(counts, minute);
    if (count === 0) continue;
    if (last < 0) last = minute;
    else {
      const gap = later - minute;
      gaps[gap] = (gaps[gap] as number) + weight;
      total += weight;
      weight *= FADE;
      found++;
    }
    later = minute;
    requests += count;
    active++;
  }
  if (found < FEWEST_GAPS) return null;
  return { gaps, total, perActive: requests / active, sinceLast: origin - 1 - last };
}
