import { DriftWatch, errorBand } from '../../../core/forecast/drift';
import { featuresAt } from '../../../core/forecast/features';
import { Forecaster } from '../../../core/forecast/forecaster';
import { RecentError } from '../../../core/forecast/recent-error';
import type { ForecastRecord, LatestForecastRecord } from '../../../drivers/store/forecast-store';
import type { ShelvedModel } from './model-shelf';

const MINUTE_MS = 60_000;
const DAY = 1_440;
/** Room for the counts that come, before the array is made anew. */
const ROOM = DAY;
/** Minutes of the past that a forecast looks at: a week's same time, and a week before it. */
const KEPT = 14 * DAY;
/** Members with less weight are not stored. */
const LEAST_WEIGHT = 0.001;

/** One function that is forecast each minute: its past, who forecasts it, and how right that was. Minutes are since 1970. */
export class TrackedFunction {
  #counts: Float64Array;
  #firstMinute: number;
  #end: number;
  #shelved: ShelvedModel | null = null;
  #forecaster: Forecaster | null = null;
  readonly #recent = new RecentError();
  readonly #drift = new DriftWatch();

  constructor(
    readonly functionId: string,
    firstMinute: number,
    counts: Float64Array,
  ) {
    this.#firstMinute = firstMinute;
    this.#end = firstMinute + counts.length;
    this.#counts = new Float64Array(counts.length + ROOM);
    this.#counts.set(counts);
  }

  /** The first minute that is not known. */
  get end(): number {
    return this.#end;
  }

  get shelved(): ShelvedModel | null {
    return this.#shelved;
  }

  /** Forecasts with this model from now on. It learns from the last day first, which takes as long as a hundred forecasts. */
  use(shelved: ShelvedModel): void {
    const forecaster = new Forecaster(shelved.model, shelved.network);
    forecaster.learn({ counts: this.#counts, firstMinute: this.#firstMinute }, this.#end - this.#firstMinute);
    this.#shelved = shelved;
    this.#forecaster = forecaster;
  }

  /** Forecasts that were made before this process began, for the error of the last hour. */
  remember(forecasts: readonly ForecastRecord[]): void {
    for (const { at, median } of forecasts) this.#recent.add(at.getTime() / MINUTE_MS, median);
  }

  /** Requests of a minute, known now or known better. What lies before the past that is kept is let go. */
  set(minute: number, count: number): void {
    const index = minute - this.#firstMinute;
    if (index >= 0 && index < this.#end - this.#firstMinute) this.#counts[index] = count;
  }

  /** Makes the minutes before `end` known, with no requests until `set` says otherwise. */
  advance(end: number): void {
    if (end - this.#firstMinute > this.#counts.length) this.#makeRoom(end);
    this.#end = Math.max(this.#end, end);
  }

  countAt(minute: number): number {
    const index = minute - this.#firstMinute;
    return index >= 0 && minute < this.#end ? (this.#counts[index] as number) : 0;
  }

  /** Requests of the last minutes. */
  sum(minutes: number): number {
    const to = this.#end - this.#firstMinute;
    return this.#counts.subarray(Math.max(0, to - minutes), to).reduce((sum, count) => sum + count, 0);
  }

  /** Forecasts the minutes from `end` on. Not before `use`. */
  forecast(): LatestForecastRecord {
    if (!this.#forecaster) throw new Error(`${this.functionId} has nobody that forecasts it`);
    const history = { counts: this.#counts, firstMinute: this.#firstMinute };
    const origin = this.#end - this.#firstMinute;
    const made = this.#forecaster.forecast(history, origin);
    const hourWape = this.#recent.wape(this.#end, (minute) => this.countAt(minute));
    this.#recent.add(this.#end, made.median);
    return {
      functionId: this.functionId,
      at: new Date(this.#end * MINUTE_MS),
      modelId: this.#shelved?.id ?? null,
      spoke: made.spoke,
      mean: made.mean,
      median: made.median,
      quantiles: made.quantiles.flat(),
      total: [made.total.mean, made.total.point, ...made.total.quantiles],
      spike: made.spike,
      alarms: made.alarms,
      members: made.members
        .filter(({ weight }) => weight >= LEAST_WEIGHT)
        .map(({ name, weight, forecast }) => ({ name, weight: rounded(weight), forecast: forecast.map(rounded) })),
      features: Object.fromEntries(
        Object.entries(featuresAt(this.#counts, origin, history)).map(([name, value]) => [
          name,
          rounded(Number(value)),
        ]),
      ),
      hourWape,
    };
  }

  /** Takes note of the last hour's error. True at the minute in which an hour above the model's band is full. */
  drifted(hourWape: number | null): boolean {
    return this.#drift.observe(hourWape, this.#shelved ? errorBand(this.#shelved.metrics) : null);
  }

  #makeRoom(end: number): void {
    const from = Math.max(0, this.#end - this.#firstMinute - KEPT);
    const kept = this.#counts.subarray(from, this.#end - this.#firstMinute);
    this.#firstMinute += from;
    this.#counts = new Float64Array(Math.max(kept.length, end - this.#firstMinute) + ROOM);
    this.#counts.set(kept);
  }
}

/** Six figures are more than a forecast knows, and half as much to store. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
