import { QUANTILES, type Forecast } from '../forecast/forecast';
import { warmRung, type WarmFunction } from './warming-policy';

const MINUTE = 60;
/** More calls a minute than this are not believed. */
const MOST_CALLS = 1e7;
/** Share of the outcomes that each quantile stands for: half way to its neighbours. */
const SHARES = QUANTILES.map((level, index) => {
  const from = index === 0 ? 0 : (level + (QUANTILES[index - 1] as number)) / 2;
  const to = index === QUANTILES.length - 1 ? 1 : (level + (QUANTILES[index + 1] as number)) / 2;
  return to - from;
});

/**
 * Instances worth holding throughout the next minute, for what is expected of it: the k-th is, where the chance that a call
 * comes that finds all before it in use, times the price of its start, is at least the price of holding it (the newsvendor's
 * critical ratio). Calls in progress are taken as Poisson with the mean of Little's law.
 * @returns within the function's max; 0 where nothing is worth it, or the forecast is no forecast (NaN, missing)
 */
export function instancesWorthHolding(fn: WarmFunction, forecast: Pick<Forecast, 'quantiles'>): number {
  const { holding, delayPrice } = warmRung(fn);
  const saved = (fn.rungs.at(-1)?.delayPrice ?? 0) - delayPrice;
  const price = holding * MINUTE;
  const outcomes = SHARES.map((share, index) => {
    const calls = forecast.quantiles[index]?.[0] ?? 0;
    return { share, calls: Number.isFinite(calls) ? Math.min(MOST_CALLS, Math.max(0, calls)) : 0 };
  });
  const busier = outcomes.map(({ calls }) => new PoissonTail((calls * fn.executeSeconds) / MINUTE));
  let instances = 0;
  // The chance falls with each instance: the first that is not worth it is the last to be asked.
  while (instances < fn.max) {
    let wanted = 0;
    outcomes.forEach(({ share, calls }, index) => {
      const tail = (busier[index] as PoissonTail).atLeast(instances * fn.concurrency);
      wanted += share * (1 - Math.exp(-calls * tail));
    });
    if (!(wanted * saved > price)) break;
    instances++;
  }
  return instances;
}

/** P(X ≥ k) of a Poisson variable, for rising k; beyond a mean of 500 by its normal approximation. */
class PoissonTail {
  #k = 0;
  #below = 0;
  #term: number;

  constructor(private readonly mean: number) {
    this.#term = Math.exp(-mean);
  }

  atLeast(k: number): number {
    if (this.mean > 500) return normalTail((k - 0.5 - this.mean) / Math.sqrt(this.mean));
    for (; this.#k < k; this.#k++) {
      this.#below += this.#term;
      this.#term *= this.mean / (this.#k + 1);
    }
    return Math.max(0, 1 - this.#below);
  }
}

/** P(Z ≥ z) of a standard normal variable, by the logistic approximation (Bowling et al., 2009; off by 0.00014 at most). */
function normalTail(z: number): number {
  return 1 / (1 + Math.exp(0.07056 * z ** 3 + 1.5976 * z));
}
