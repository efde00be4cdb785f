import { solvePositive } from './solve-positive';

/** Forecasts after which an error counts half. */
const HALF_LIFE = 144;
/** The pull to the prior in mean squared errors of a minute, as if so many minutes had confirmed it (Bayesian ridge). */
const PULL = 100;
/** The squared error that is taken for granted before any was seen, in squared requests a minute. */
const FIRST_ERROR = 0.5;
/** What the blend may say beyond the largest that it was made of. */
const BEYOND = 1.25;

/**
 * Blends forecasts into the one with the least squared error so far: regression of what came on what each said, old windows
 * counting less, pulled to a prior where the past says little (ridge; Hoerl & Kennard, 1970). Unlike a mixture it can correct
 * forecasts that are all too high.
 */
export class RidgeBlend {
  readonly #products: Float64Array;
  readonly #right: Float64Array;
  readonly #keep = 0.5 ** (1 / HALF_LIFE);
  #squares = FIRST_ERROR;
  #minutes = 1;

  /** @param prior the share of each forecast before anything was learned */
  constructor(private readonly prior: Float64Array) {
    this.#products = new Float64Array(prior.length ** 2);
    this.#right = new Float64Array(prior.length);
  }

  /** How much of each forecast is taken; not bound to sum to 1. */
  shares(): Float64Array {
    const size = this.prior.length;
    const pull = (PULL * this.#squares) / this.#minutes;
    const matrix = this.#products.slice();
    const right = this.#right.map((value, i) => value + pull * (this.prior[i] as number));
    for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] as number) + pull;
    return solvePositive(matrix, right) ?? this.prior;
  }

  /** Not negative, and not far above the largest. @param forecasts one of equal length for each place of the prior */
  blend(forecasts: readonly ArrayLike<number>[]): Float64Array {
    const shares = this.shares();
    const blended = new Float64Array(forecasts[0]?.length ?? 0);
    for (let step = 0; step < blended.length; step++) {
      let value = 0;
      let most = 0;
      forecasts.forEach((forecast, place) => {
        value += (shares[place] as number) * (forecast[step] as number);
        most = Math.max(most, forecast[step] as number);
      });
      blended[step] = Math.min(Math.max(0, value), BEYOND * most);
    }
    return blended;
  }

  learn(actual: ArrayLike<number>, forecasts: readonly ArrayLike<number>[]): void {
    const size = this.prior.length;
    const said = this.blend(forecasts);
    this.#squares *= this.#keep;
    this.#minutes *= this.#keep;
    for (let step = 0; step < actual.length; step++) {
      this.#squares += ((actual[step] as number) - (said[step] as number)) ** 2;
      this.#minutes++;
    }
    for (let i = 0; i < size; i++) {
      const own = forecasts[i] as ArrayLike<number>;
      this.#right[i] = this.#keep * (this.#right[i] as number) + product(own, actual);
      for (let j = 0; j < size; j++) {
        const at = i * size + j;
        this.#products[at] =
          this.#keep * (this.#products[at] as number) + product(own, forecasts[j] as ArrayLike<number>);
      }
    }
  }
}

function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let step = 0; step < a.length; step++) sum += (a[step] as number) * (b[step] as number);
  return sum;
}
