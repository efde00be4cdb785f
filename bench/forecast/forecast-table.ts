import type { Counts } from '../../core/forecast/member';
import { QUANTILE_LEVELS, type StepForecast } from './bench-model';
import { STEPS, type TestPart } from './test-part';

/** A steady function's mixture differs from its bar by the rounding of its sum; that foretells nothing. */
const ROUNDING = 1e-9;

/** All forecasts of one model over a test part, in the order of its actual values; what a model did not say is filled in. */
export class ForecastTable {
  /** Functions × origins × steps. */
  readonly point: Float64Array;
  readonly mean: Float64Array;
  /** 1 for minutes foretold to be a spike. */
  readonly alarms: Uint8Array;
  /** Functions × origins. */
  readonly total: Float64Array;
  readonly any: Float64Array;
  readonly #part: TestPart;
  readonly #quantiles: Float64Array[] = [];
  readonly #weights = new Map<string, Float64Array>();
  #quantilesGiven = 0;

  constructor(part: TestPart) {
    const places = part.bars.length;
    this.#part = part;
    this.point = new Float64Array(places * STEPS);
    this.mean = new Float64Array(places * STEPS);
    this.alarms = new Uint8Array(places * STEPS);
    this.total = new Float64Array(places);
    this.any = new Float64Array(places);
  }

  /** One array for each of `QUANTILE_LEVELS`, like `point`; null when the model did not always give them. */
  get quantiles(): readonly Float64Array[] | null {
    return this.#quantilesGiven === this.total.length ? this.#quantiles : null;
  }

  /** Share of each member in each forecast, functions × origins. */
  get weights(): ReadonlyMap<string, Float64Array> {
    return this.#weights;
  }

  /** Memory of what was not there at first, in bytes. */
  get grownBytes(): number {
    return [...this.#quantiles, ...this.#weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * @param place function × origin
   * @throws RangeError for values that no forecast may have
   */
  set(place: number, forecast: StepForecast): void {
    const { point, mean = point, quantiles, total = sum(point), any = 1 - Math.exp(-sum(mean)) } = forecast;
    const bar = this.#part.bars[place] as number;
    for (const values of [point, mean, ...(quantiles ?? []), [total], [any]]) this.#check(place, values);
    this.point.set(point, place * STEPS);
    this.mean.set(mean, place * STEPS);
    this.total[place] = total;
    this.any[place] = any;
    for (let step = 0; step < STEPS; step++) {
      const alarm = forecast.alarms ? forecast.alarms[step] === true : (point[step] as number) > bar * (1 + ROUNDING);
      this.alarms[place * STEPS + step] = alarm ? 1 : 0;
    }
    if (quantiles) this.#setQuantiles(place, quantiles);
    for (const [member, weight] of Object.entries(forecast.weights ?? {})) {
      const weights = this.#weights.get(member) ?? new Float64Array(this.total.length);
      weights[place] = weight;
      this.#weights.set(member, weights);
    }
  }

  #setQuantiles(place: number, quantiles: readonly Counts[]): void {
    if (quantiles.length !== QUANTILE_LEVELS.length) {
      throw new RangeError(`${quantiles.length} quantiles were given, not ${QUANTILE_LEVELS.length}`);
    }
    quantiles.forEach((values, level) => {
      this.#quantiles[level] ??= new Float64Array(this.point.length);
      this.#quantiles[level].set(values, place * STEPS);
    });
    this.#quantilesGiven++;
  }

  #check(place: number, values: Counts): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value >= 0 && value < Number.POSITIVE_INFINITY) continue;
      const { functions, origins } = this.#part;
      const id = functions[Math.floor(place / origins.length)]?.id;
      throw new RangeError(`forecast ${value} for ${id} at minute ${origins[place % origins.length]}`);
    }
  }
}

function sum(values: Counts): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}
