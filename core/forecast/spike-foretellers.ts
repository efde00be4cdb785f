import { ExpertMixture } from './expert-mixture';
import { HORIZON } from './forecast';
import { isNear } from './spikes';

/** Spikes are rare: who foretold the last ones is remembered for longer than who was near in level. */
const HALF_LIFE = 72;
const SHARPNESS = 4;
/** A spike a minute off is foretold too: the neighbours of a minute count half. */
const NEIGHBOUR = 0.5;
/** Counts for every member, so that one quiet day makes none of them infallible. */
const DOUBT = 1e-3;

/** Weighs members by the spikes they foretold: one missed and one false alarm cost the same. */
export class SpikeForetellers {
  readonly #mixture: ExpertMixture;

  constructor(members: number) {
    this.#mixture = new ExpertMixture(members, { halfLife: HALF_LIFE, sharpness: SHARPNESS });
    this.#mixture.learnErrors(new Float64Array(members).fill(DOUBT));
  }

  /** How strongly a spike is expected in each minute, 0 to 1. @param bar as `spikeBar` gave it */
  share(forecasts: readonly ArrayLike<number>[], bar: number): Float64Array {
    const weights = this.#mixture.weights();
    const raw = new Float64Array(HORIZON);
    forecasts.forEach((forecast, member) => {
      for (let step = 0; step < HORIZON; step++) {
        if ((forecast[step] as number) > bar) raw[step] = (raw[step] as number) + (weights[member] as number);
      }
    });
    return raw.map((share, step) => {
      const beside = (raw[step - 1] ?? 0) + (raw[step + 1] ?? 0);
      return Math.min(1, (share + NEIGHBOUR * beside) / (1 + NEIGHBOUR));
    });
  }

  learn(actual: ArrayLike<number>, forecasts: readonly ArrayLike<number>[], bar: number): void {
    this.#mixture.learnErrors(forecasts.map((forecast) => mistakes(actual, forecast, bar)));
  }
}

/** False alarms and missed spikes, each at most one minute off taken for right. */
function mistakes(actual: ArrayLike<number>, forecast: ArrayLike<number>, bar: number): number {
  let count = 0;
  for (let step = 0; step < HORIZON; step++) {
    const came = (actual[step] as number) > bar;
    const foretold = (forecast[step] as number) > bar;
    if (foretold && !isNear(actual, step, bar)) count++;
    if (came && !isNear(forecast, step, bar)) count++;
  }
  return count;
}
