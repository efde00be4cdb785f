import { extrapolate, type ArModel } from './ar-model';
import { featuresAt, type Features } from './features';
import { HORIZON, type FunctionHistory } from './forecast';
import type { HybridInput, HybridShape } from './lstm/hybrid-network';
import { countAt } from './member';
import type { PoolView } from './pool-view';

const DAY = 1_440;
const HOUR = 60;
/** What is added to a function's rate so that one that rests has a scale too, in requests a minute. */
const LEAST_SCALE = 0.1;
/** Share of the last hour in the scale; the rest is the last day's. */
const RECENT = 0.7;

/** Mean, median and the spread's ends of the whole pool stand before the single members. */
const OF_POOL = 4;
/** Minute of the sequence: count, ARIMA's error, count a day before, sine and cosine of the time of day. */
const SEQUENCE_VALUES = 5;
/** See `contextOf` and `timeOf`. */
const FUNCTION_VALUES = 16;
const TIME_VALUES = 5;

/** The network's shape over a pool of which it sees `gated` members one by one. */
export function hybridShape(gated: number): HybridShape {
  const experts = OF_POOL + gated;
  return {
    steps: 30,
    inputs: SEQUENCE_VALUES,
    hidden: 16,
    summary: 8,
    horizon: HORIZON,
    context: experts + FUNCTION_VALUES + TIME_VALUES,
    experts,
    gate: 32,
  };
}

/** Arrays for a batch of windows. */
export function emptyInput({ steps, inputs, horizon, context, experts }: HybridShape, batch: number): HybridInput {
  return {
    sequence: new Float64Array(steps * batch * inputs),
    context: new Float64Array(batch * horizon * context),
    experts: new Float64Array(batch * horizon * experts),
  };
}

/** What a window is made of: the function's past, what the pool says, and how the network is to see it. */
export interface WindowSource {
  readonly history: FunctionHistory;
  readonly origin: number;
  readonly view: PoolView;
  /** Places in the pool of the members that are seen one by one. */
  readonly gated: readonly number[];
  readonly arima: ArModel | null;
  /** False for a network that is to see counts and forecasts alone. */
  readonly features: boolean;
}

/**
 * Writes one window into the arrays of a batch, everything in units of the function's own scale, so that one network serves
 * functions of all rates. @returns the scale, in requests a minute, above 0
 */
export function writeWindow(
  source: WindowSource,
  shape: HybridShape,
  input: HybridInput,
  batch: number,
  place: number,
): number {
  const { history, origin, view, gated } = source;
  const features = featuresAt(history.counts, origin, history);
  const scale = scaleOf(features, history, origin);
  writeSequence(source, shape, scale, input.sequence, batch, place);
  const ofFunction = source.features ? contextOf(features, history, origin, scale) : new Float64Array(FUNCTION_VALUES);
  for (let step = 0; step < HORIZON; step++) {
    const row = place * HORIZON + step;
    let to = row * shape.context;
    let toExpert = row * shape.experts;
    const see = (forecast: ArrayLike<number>): void => {
      const scaled = (forecast[step] as number) / scale;
      input.experts[toExpert++] = scaled;
      input.context[to++] = Math.log1p(scaled);
    };
    for (const forecast of [view.mean, view.median, view.low, view.high]) see(forecast);
    for (const member of gated) see(view.forecasts[member] as Float64Array);
    for (const value of ofFunction) input.context[to++] = value;
    writeTime(source, step, input.context, to);
  }
  return scale;
}

function scaleOf({ mean60 }: Features, { counts }: FunctionHistory, origin: number): number {
  let day = 0;
  for (let back = 1; back <= DAY; back++) day += countAt(counts, origin - back);
  return RECENT * mean60 + ((1 - RECENT) * day) / DAY + LEAST_SCALE;
}

function writeSequence(
  { history: { counts, firstMinute }, origin, arima, features }: WindowSource,
  { steps, inputs }: HybridShape,
  scale: number,
  sequence: Float64Array,
  batch: number,
  place: number,
): void {
  for (let step = 0; step < steps; step++) {
    const minute = origin - steps + step;
    const count = countAt(counts, minute);
    const at = (step * batch + place) * inputs;
    sequence[at] = Math.log1p(count / scale);
    sequence[at + 1] = arima ? Math.tanh((count - oneAhead(arima, counts, minute)) / scale) : 0;
    sequence[at + 2] = features ? Math.log1p(countAt(counts, minute - DAY) / scale) : 0;
    const turn = (2 * Math.PI * (firstMinute + minute)) / DAY;
    sequence[at + 3] = features ? Math.sin(turn) : 0;
    sequence[at + 4] = features ? Math.cos(turn) : 0;
  }
}

function oneAhead(arima: ArModel, counts: ArrayLike<number>, minute: number): number {
  return extrapolate(arima, counts, minute, 1, { low: 0, high: Number.MAX_VALUE })[0] as number;
}

/** The seed's features and what was found to help, each near 1 at most. */
function contextOf(features: Features, { counts }: FunctionHistory, origin: number, scale: number): Float64Array {
  let most = 0;
  let silent = 0;
  for (let back = 1; back <= HOUR; back++) {
    const count = countAt(counts, origin - back);
    most = Math.max(most, count);
    if (count === 0) silent++;
  }
  return Float64Array.of(
    Math.log1p(features.sinceLast) / 4,
    silent / HOUR,
    most / scale / 3,
    Math.log(scale) / 2,
    features.deviation60 / scale,
    Math.tanh((features.trend * HOUR) / scale),
    Math.tanh(features.seasonal / scale),
    Math.tanh(features.residual / scale),
    features.mean5 / scale,
    features.mean15 / scale,
    features.mean60 / scale,
    features.lag1 / scale / 2,
    features.lag2 / scale / 2,
    features.lag3 / scale / 2,
    features.dayOfWeek / 6,
    features.isWeekend ? 1 : 0,
  ).map((value) => Math.max(-5, Math.min(5, value)));
}

function writeTime({ history, origin, features }: WindowSource, step: number, context: Float64Array, to: number): void {
  context[to] = step / HORIZON;
  const minute = history.firstMinute + origin + step;
  const [day, hour] = [(2 * Math.PI * minute) / DAY, (2 * Math.PI * minute) / HOUR];
  [Math.sin(day), Math.cos(day), Math.sin(hour), Math.cos(hour)].forEach((value, index) => {
    context[to + 1 + index] = features ? value : 0;
  });
}
