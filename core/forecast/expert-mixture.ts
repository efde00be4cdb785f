/** How fast what was is forgotten, and how much the better ones are preferred. */
export interface MixtureOptions {
  /** Forecasts after which an error counts half. */
  readonly halfLife?: number;
  /** The weight of an expert that errs twice as much as the best is e^-sharpness of its. */
  readonly sharpness?: number;
}

/** `forecasting.md` measured these; from 12 to 100 and from 8 to 20 they change little. */
const HALF_LIFE = 36;
const SHARPNESS = 8;
const SMALLEST_ERROR = 1e-6;

/**
 * Weighs experts by how far each was from what came, the last forecasts counting most: exponentially weighted forecasters
 * (Cesa-Bianchi & Lugosi, 2006) on discounted absolute errors, relative to the best. One mixture for each function.
 */
export class ExpertMixture {
  readonly #errors: Float64Array;
  readonly #keep: number;
  readonly #sharpness: number;

  /** @param experts how many; they are told apart by their place */
  constructor(experts: number, { halfLife = HALF_LIFE, sharpness = SHARPNESS }: MixtureOptions = {}) {
    this.#errors = new Float64Array(experts);
    this.#keep = 0.5 ** (1 / halfLife);
    this.#sharpness = sharpness;
  }

  /** Positive, and 1 in sum; equal before anything was learned. */
  weights(): Float64Array {
    const errors = this.#errors;
    const least = Math.max(SMALLEST_ERROR, errors.length > 0 ? Math.min(...errors) : 0);
    const weights = errors.map((error) => Math.exp(this.#sharpness * (1 - Math.max(error, SMALLEST_ERROR) / least)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  }

  /** The experts' forecasts as one. @param forecasts one of equal length for each expert */
  mix(forecasts: readonly ArrayLike<number>[]): Float64Array {
    const weights = this.weights();
    const mixed = new Float64Array(forecasts[0]?.length ?? 0);
    forecasts.forEach((forecast, expert) => {
      for (let step = 0; step < mixed.length; step++) {
        mixed[step] = (mixed[step] as number) + (weights[expert] as number) * (forecast[step] as number);
      }
    });
    return mixed;
  }

  /** What came of a forecast. Errors that are no numbers count as if the expert had been as wrong as the worst. */
  learn(actual: ArrayLike<number>, forecasts: readonly ArrayLike<number>[]): void {
    const errors = forecasts.map((forecast) => {
      let error = 0;
      for (let step = 0; step < actual.length; step++)
        error += Math.abs((actual[step] as number) - (forecast[step] as number));
      return error;
    });
    const worst = Math.max(0, ...errors.filter(Number.isFinite));
    errors.forEach((error, expert) => {
      const counted = Number.isFinite(error) ? error : worst;
      this.#errors[expert] = this.#keep * (this.#errors[expert] as number) + counted;
    });
  }
}
