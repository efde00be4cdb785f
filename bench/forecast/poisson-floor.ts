import { scoredWith, type ScoredRow } from './scored-row';
import { STEPS, type TestPart } from './test-part';

/** Above this a Poisson distribution is a normal one for our purpose. */
const LARGE = 500;
/** Minutes to both sides that a minute's rate is read from: they, too, are not known when a forecast is made. */
const NEIGHBOURS = 10;
/** Rates are told apart by so much. */
const GRAIN = 1e-3;

/** Mean distance of a Poisson count from its median, the least absolute error of any forecast that knows the rate. */
export function poissonError(rate: number): number {
  if (rate <= 0) return 0;
  if (rate > LARGE) return Math.sqrt((2 * rate) / Math.PI);
  const chances: number[] = [];
  let chance = Math.exp(-rate);
  for (let count = 0; count < rate + 12 * Math.sqrt(rate) + 30; count++) {
    chances.push(chance);
    chance *= rate / (count + 1);
  }
  let below = 0;
  const median = chances.findIndex((each) => (below += each) >= 0.5);
  return chances.reduce((sum, each, count) => sum + each * Math.abs(count - median), 0);
}

/**
 * The WAPE that arrivals without any pattern within twenty minutes would leave to the best forecast. Timers and steady
 * functions can be forecast better than that, bursts not as well.
 */
export function poissonFloor(part: TestPart): ScoredRow {
  const known = new Map<number, number>();
  const error = (rate: number): number => {
    const grain = Math.round(rate / GRAIN);
    const found = known.get(grain) ?? poissonError(grain * GRAIN);
    known.set(grain, found);
    return found;
  };
  const each = part.functions.map(({ counts }) => floorOfOne(counts, part.trainEnd, error));
  const sum = (places: readonly number[], of: (one: FloorOfOne) => number): number =>
    places.reduce((all, place) => all + of(each[place] as FloorOfOne), 0);
  return scoredWith(
    part,
    { name: 'Poisson floor', role: 'floor', cpuMsPerFunction: 0, bytesPerFunction: 0, cached: false },
    (places) => {
      // prettier-ignore
      const requests = sum(places, (one) => one.requests);
      return {
        wape: requests > 0 ? sum(places, (one) => one.error) / requests : null,
        wape10: requests > 0 ? sum(places, (one) => one.error10) / requests : null,
      };
    },
  );
}

interface FloorOfOne {
  readonly requests: number;
  readonly error: number;
  /** Of sums of ten minutes. */
  readonly error10: number;
}

function floorOfOne(counts: Float64Array, from: number, error: (rate: number) => number): FloorOfOne {
  const rates = Float64Array.from({ length: counts.length - from }, (_, index) => rateAt(counts, from + index));
  let [requests, minutes, windows] = [0, 0, 0];
  for (let start = 0; start < rates.length; start += STEPS) {
    let together = 0;
    for (let minute = start; minute < start + STEPS; minute++) {
      requests += counts[from + minute] as number;
      minutes += error(rates[minute] as number);
      together += rates[minute] as number;
    }
    windows += error(together);
  }
  return { requests, error: minutes, error10: windows };
}

function rateAt(counts: Float64Array, minute: number): number {
  let sum = 0;
  let neighbours = 0;
  for (let at = Math.max(0, minute - NEIGHBOURS); at <= Math.min(counts.length - 1, minute + NEIGHBOURS); at++) {
    if (at === minute) continue;
    sum += counts[at] as number;
    neighbours++;
  }
  return sum / neighbours;
}
