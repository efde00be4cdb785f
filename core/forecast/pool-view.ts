import { ExpertMixture, weightedMean, type MixtureOptions } from './expert-mixture';
import { HORIZON } from './forecast';
import type { Counts, Member } from './member';
import { WeightedValues } from './weighted-values';

/** Levels of what the network is told of the pool's spread. */
const SPREAD = [0.2, 0.5, 0.8] as const;

/** What a pool of members says at one origin. */
export interface PoolView {
  /** One for each member, HORIZON minutes each. */
  readonly forecasts: readonly Float64Array[];
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly median: Float64Array;
  readonly high: Float64Array;
}

/** A pool of members and who was right among them; the network is none of them, it looks at them. */
export class Pool {
  readonly #mixture: ExpertMixture;
  readonly #values: WeightedValues;

  constructor(
    readonly members: readonly Member[],
    options: MixtureOptions = {},
  ) {
    this.#mixture = new ExpertMixture(members.length, options);
    this.#values = new WeightedValues(members.length);
  }

  view(counts: Counts, origin: number): PoolView {
    const forecasts = this.members.map((member) => member.forecast(counts, origin, HORIZON));
    const weights = this.#mixture.weights();
    const [low, median, high] = stepQuantiles(this.#values, forecasts, weights, () => SPREAD);
    return {
      forecasts,
      mean: weightedMean(forecasts, weights),
      low: low as Float64Array,
      median: median as Float64Array,
      high: high as Float64Array,
    };
  }

  learn(actual: ArrayLike<number>, { forecasts }: PoolView): void {
    this.#mixture.learn(actual, forecasts);
  }
}

/**
 * Quantiles of the members' forecasts for each minute.
 * @param levelsOf rising levels for a minute, as many for each @returns one list of minutes for each level
 */
export function stepQuantiles(
  values: WeightedValues,
  forecasts: readonly Float64Array[],
  weights: Float64Array,
  levelsOf: (step: number) => ArrayLike<number>,
): Float64Array[] {
  const found = Array.from({ length: levelsOf(0).length }, () => new Float64Array(HORIZON));
  const weightOf = (index: number): number => weights[index] as number;
  for (let step = 0; step < HORIZON; step++) {
    values.set(forecasts.length, (index) => (forecasts[index] as Float64Array)[step] as number);
    const at = values.quantiles(levelsOf(step), weightOf);
    for (let level = 0; level < at.length; level++) (found[level] as Float64Array)[step] = at[level] as number;
  }
  return found;
}
