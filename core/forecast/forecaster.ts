import type { ArModel } from './ar-model';
import { bucketOf, UNCALIBRATED } from './calibration';
import { ARIMA, BLEND, expertPool, LSTM } from './expert-pool';
import { ExpertMixture, weightedMean } from './expert-mixture';
import { HORIZON, QUANTILES, type Forecast, type FunctionHistory } from './forecast';
import type { FunctionModel } from './function-model';
import type { NetworkModel } from './network-model';
import { readerOf } from './network-reader';
import { Pool, stepQuantiles, type PoolView } from './pool-view';
import { RidgeBlend } from './ridge-blend';
import { dayShape } from './simple-members';
import { SpikeForetellers } from './spike-foretellers';
import { spikeBarAt } from './spikes';
import { totalOf, type TotalForecast } from './total-forecast';
import { WeightedValues } from './weighted-values';
import { countsFrom } from './member';

/** Windows of the past from which a new forecaster learns whom to believe: a day. */
const WARM_UP = 144;
/** The seed's weights of ARIMA and LSTM, for a function of which nothing is known yet; the others share the rest. */
const SEED_ARIMA = 0.3;
const SEED_LSTM = 0.7;
const REST = 0.1;
/** How wide the pool's spread is taken for the quantiles: what errs twice as much still counts e^-2. */
const SPREAD_SHARPNESS = 2;
/** Totals of ten minutes change faster than who is near in single minutes. */
const TOTAL_HALF_LIFE = 18;
/** Members that the mean is blended from, besides the pool's mean, ARIMA and the network. */
const BLENDED: readonly string[] = [
  dayShape.name,
  'mean-60',
  'renewal',
  'median-60',
  'median-15',
  'mean-10',
  'mean-240',
  'lag-1440',
  'lag-60',
  'lag-10080',
  'mean-1440',
  'scaled-1440x3',
  'scaled-60x3',
  'scaled-60x24',
  'scaled-1440x1',
  'lag-median-1440',
  'lag-median-60',
];

/** What one look at a function gave, before it is mixed. */
export interface Look {
  /** Minutes since 1970. */
  readonly origin: number;
  readonly view: PoolView;
  /** Of the pool, of the network where there is one, and the mean. */
  readonly forecasts: readonly Float64Array[];
  readonly point: Float64Array;
  /** What the mean is blended from, and the mean. */
  readonly means: readonly Float64Array[];
  readonly mean: Float64Array;
}

/**
 * Forecasts one function: a pool of simple models, an autoregression and the global network, weighed by how each fared in the
 * last hours. It learns from what lies before the origin by itself and does not go back in time.
 */
export class Forecaster {
  readonly #names: readonly string[];
  readonly #pool: Pool;
  readonly #all: ExpertMixture;
  readonly #means: RidgeBlend;
  readonly #blended: readonly number[];
  readonly #totals: ExpertMixture;
  readonly #spikes: SpikeForetellers;
  readonly #arima: ArModel | null;
  readonly #values: WeightedValues;
  readonly #calibration;
  /** The first minute of the first window that was not learned from; minutes since 1970. */
  #learned: number | null = null;
  #last: Look | null = null;

  /** @param model null for a function that was never trained: members without parameters and the network serve it */
  constructor(
    readonly model: FunctionModel | null,
    readonly network: NetworkModel | null,
  ) {
    this.#arima = model?.arima ?? null;
    const members = expertPool(this.#arima);
    this.#names = [...members.map(({ name }) => name), ...(network ? [LSTM] : []), BLEND];
    const prior = priorOf(this.#names);
    this.#pool = new Pool(members, { prior: priorOf(members.map(({ name }) => name)) });
    this.#all = new ExpertMixture(this.#names.length, { prior });
    this.#totals = new ExpertMixture(this.#names.length, { prior, halfLife: TOTAL_HALF_LIFE });
    this.#spikes = new SpikeForetellers(members.length);
    const modelled = [ARIMA, LSTM].filter((name) => this.#names.includes(name));
    this.#blended = [...modelled, ...BLENDED].map((name) => this.#names.indexOf(name));
    this.#means = new RidgeBlend(
      Float64Array.from({ length: 1 + this.#blended.length }, (_, place) =>
        place <= modelled.length ? 1 / (1 + modelled.length) : 0,
      ),
    );
    this.#values = new WeightedValues(this.#names.length);
    this.#calibration = network?.calibration ?? UNCALIBRATED;
  }

  /** @param origin the first minute that is not known, as an index of the counts; what stands there and behind is not read */
  forecast(history: FunctionHistory, origin: number): Forecast {
    this.learn(history, origin);
    const look = this.look(history, origin);
    const weights = this.#all.weights();
    const spread = this.spread(look, (step) => this.#minuteLevels(look.point[step] as number));
    const median = stepQuantiles(this.#values, look.forecasts, weights, () => [0.5])[0] as Float64Array;
    const total = this.#total(look);
    const bar = spikeBarAt(history.counts, origin);
    const spike = this.#spikes.share(look.view.forecasts, bar);
    const members = this.#names
      .map((name, place) => ({
        name,
        weight: weights[place] as number,
        forecast: [...(look.forecasts[place] as Float64Array)],
      }))
      .sort((a, b) => b.weight - a.weight);
    return {
      mean: [...look.mean],
      median: [...median],
      quantiles: aroundMedian(spread, median),
      total,
      spike: [...spike],
      alarms: [...spike].map((share) => share > this.#calibration.alarm),
      members,
      spoke: members[0]?.name ?? '',
    };
  }

  /** Learns from every whole window before the origin that was not learned from yet, each as it was seen before its minutes came. */
  learn(history: FunctionHistory, origin: number): void {
    const now = history.firstMinute + origin;
    if (this.#learned !== null && this.#learned > now) throw new RangeError('A forecaster does not go back in time');
    const first = Math.max(history.firstMinute, now - WARM_UP * HORIZON);
    let from = Math.ceil(Math.max(this.#learned ?? 0, first) / HORIZON) * HORIZON;
    for (; from + HORIZON <= now; from += HORIZON) {
      const look = this.#last?.origin === from ? this.#last : this.look(history, from - history.firstMinute);
      this.#learnFrom(history, look);
    }
    // A function that began a minute ago has its first whole window still ahead.
    this.#learned = Math.min(from, now);
  }

  /** Quantiles of the members' spread for each minute, by the weights of now. @param levelsOf rising levels for a minute */
  spread({ forecasts }: Look, levelsOf: (step: number) => ArrayLike<number>): Float64Array[] {
    return stepQuantiles(this.#values, forecasts, this.#all.weights(SPREAD_SHARPNESS), levelsOf);
  }

  /** Quantiles of the members' totals. @param levels rising */
  totalSpread({ forecasts }: Look, levels: ArrayLike<number>): Float64Array {
    const weights = this.#totals.weights(SPREAD_SHARPNESS);
    const totals = forecasts.map(sum);
    this.#values.set(totals.length, (index) => totals[index] as number);
    return this.#values.quantiles(levels, (index) => weights[index] as number);
  }

  /** How strongly spikes were expected of a look. */
  spikeShare({ view }: Pick<Look, 'view'>, bar: number): Float64Array {
    return this.#spikes.share(view.forecasts, bar);
  }

  /** What each member says at an origin, to be mixed. */
  look(history: FunctionHistory, origin: number): Look {
    const view = this.#pool.view(history.counts, origin);
    const network = this.network ? readerOf(this.network).read(history, origin, view, this.#arima) : null;
    const modelled = network ? [...view.forecasts, network] : view.forecasts;
    const means = [view.mean, ...this.#blended.map((place) => modelled[place] as Float64Array)];
    const mean = this.#means.blend(means);
    const forecasts = [...modelled, mean];
    const point = weightedMean(forecasts, this.#all.weights());
    this.#last = { origin: history.firstMinute + origin, view, forecasts, point, means, mean };
    return this.#last;
  }

  #learnFrom(history: FunctionHistory, look: Look): void {
    const origin = look.origin - history.firstMinute;
    const actual = countsFrom(history.counts, origin, HORIZON);
    this.#pool.learn(actual, look.view);
    this.#all.learn(actual, look.forecasts);
    this.#means.learn(actual, look.means);
    const came = sum(actual);
    this.#totals.learnErrors(look.forecasts.map((forecast) => Math.abs(sum(forecast) - came)));
    this.#spikes.learn(actual, look.view.forecasts, spikeBarAt(history.counts, origin));
  }

  #minuteLevels(expected: number): readonly number[] {
    return this.#calibration.minutes[bucketOf(expected)] as readonly number[];
  }

  #total(look: Look): TotalForecast {
    const levels = this.#calibration.totals[bucketOf(sum(look.point))] as readonly number[];
    const spread = this.totalSpread(look, levels);
    return totalOf(this.#values, look.forecasts.map(sum), this.#totals.weights(), spread, sum(look.mean));
  }
}

function priorOf(names: readonly string[]): Float64Array {
  const named = (name: string): boolean => name === ARIMA || name === LSTM;
  const others = names.filter((name) => !named(name)).length;
  return Float64Array.from(names, (name) =>
    name === ARIMA ? SEED_ARIMA * (1 - REST) : name === LSTM ? SEED_LSTM * (1 - REST) : REST / others,
  );
}

/** Quantiles on either side of the median, none on the wrong one: the median is weighed more sharply than the spread. */
function aroundMedian(spread: readonly Float64Array[], median: Float64Array): number[][] {
  return QUANTILES.map((level, place) =>
    [...(spread[place] as Float64Array)].map((value, step) => {
      const middle = median[step] as number;
      return level === 0.5 ? middle : level < 0.5 ? Math.min(value, middle) : Math.max(value, middle);
    }),
  );
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
