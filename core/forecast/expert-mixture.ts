/** How fast what was is forgotten, how much the better ones are preferred, and who is believed before anything was seen. */
export interface MixtureOptions {
  /** Forecasts after which an error counts half. */
  readonly halfLife?: number;
  /** The weight of an expert that errs twice as much as the best is e^-sharpness of its. */
  readonly sharpness?: number;
  /** Weights before anything was learned, one for each expert; equal ones otherwise. */
  readonly prior?: ArrayLike<number>;
}

/** `forecasting.md` measured these; from 12 to 100 and from 8 to 20 they change little. */
const HALF_LIFE = 36;
const SHARPNESS = 8;
const SMALLEST_ERROR = 1e-6;
/** Forecasts after which the prior counts half. */
const PRIOR_HALF_LIFE = 6;

/**
 * Weighs experts by how far each was from what came, the last forecasts counting most: exponentially weighted forecasters
 * (Cesa-Bianchi & Lugosi, 2006) on discounted errors, relative to the best. One mixture for each function.
 */
export class ExpertMixture {
  readonly #errors: Float64Array;
  readonly #keep: number;
  readonly #sharpness: number;
  readonly #prior: Float64Array | null;
  #believed = 1;

  /** @param experts how many; they are told apart by their place */
  constructor(experts: number, { halfLife = HALF_LIFE, sharpness = SHARPNESS, prior }: MixtureOptions = {}) {
    this.#errors = new Float64Array(experts);
    this.#keep = 0.5 ** (1 / halfLife);
    this.#sharpness = sharpness;
    this.#prior = prior ? Float64Array.from(prior) : null;
  }

  /** Positive, and 1 in sum. @param sharpness another than the mixture's own */
  weights(sharpness = this.#sharpness): Float64Array {
    const errors = this.#errors;
    let least = Number.POSITIVE_INFINITY;
    for (const error of errors) least = Math.min(least, error);
    least = Math.max(SMALLEST_ERROR, least);
    const weights = new Float64Array(errors.length);
    let sum = 0;
    for (let expert = 0; expert < errors.length; expert++) {
      const error = Math.max(errors[expert] as number, SMALLEST_ERROR);
      const believed = this.#prior ? (this.#prior[expert] as number) ** this.#believed : 1;
      const weight = believed * Math.exp(sharpness * (1 - error / least));
      weights[expert] = weight;
      sum += weight;
    }
    for (let expert = 0; expert < weights.length; expert++) weights[expert] = (weights[expert] as number) / sum;
    return weights;
  }

  /** The experts' forecasts as one. @param forecasts one of equal length for each expert */
  mix(forecasts: readonly ArrayLike<number>[]): Float64Array {
    return weightedMean(forecasts, this.weights());
  }

  /** What came of a forecast. Errors that are no numbers count as if the expert had been as wrong as the worst. */
  learn(actual: ArrayLike<number>, forecasts: readonly ArrayLike<number>[]): void {
    this.learnErrors(forecasts.map((forecast) => absoluteError(actual, forecast)));
  }

  /** What each expert's forecast cost, by any measure that is 0 for a perfect one. */
  learnErrors(errors: ArrayLike<number>): void {
    let worst = 0;
    for (let expert = 0; expert < errors.length; expert++) {
      const error = errors[expert] as number;
      if (Number.isFinite(error) && error > worst) worst = error;
    }
    for (let expert = 0; expert < this.#errors.length; expert++) {
      const error = errors[expert] as number;
      this.#errors[expert] = this.#keep * (this.#errors[expert] as number) + (Number.isFinite(error) ? error : worst);
    }
    this.#believed *= 0.5 ** (1 / PRIOR_HALF_LIFE);
  }
}

/** Sum of absolute errors over all steps. */
export function absoluteError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  let error = 0;
  for (let step = 0; step < actual.length; step++)
    error += Math.abs((actual[step] as number) - (forecast[step] as number));
  return error;
}

/** The mean of forecasts, step by step. @param weights one for each forecast, 1 in sum */
export function weightedMean(forecasts: readonly ArrayLike<number>[], weights: ArrayLike<number>): Float64Array {
  const mixed = new Float64Array(forecasts[0]?.length ?? 0);
  for (let expert = 0; expert < forecasts.length; expert++) {
    const forecast = forecasts[expert] as ArrayLike<number>;
    const weight = weights[expert] as number;
    for (let step = 0; step < mixed.length; step++) {
      mixed[step] = (mixed[step] as number) + weight * (forecast[step] as number);
    }
  }
  return mixed;
}
