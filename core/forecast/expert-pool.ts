import { arMember, type ArModel } from './ar-model';
import type { Member } from './member';
import { renewal } from './renewal-member';
import {
  dayShape,
  naive,
  PERIODS,
  scaledSeason,
  seasonalMedian,
  seasonalNaive,
  trailingMean,
  trailingMedian,
  zero,
} from './simple-members';

const WEEK = 10_080;

/** Name of the member that npm `arima` or least squares was fitted for. */
export const ARIMA = 'arima';
/** Name of the global network's member. */
export const LSTM = 'lstm';
/** Name of the member that is blended from others for the least squared error. */
export const BLEND = 'blend';

const SCALED: readonly Member[] = [
  scaledSeason(1_440, 1),
  scaledSeason(1_440, 3),
  scaledSeason(60, 1),
  scaledSeason(60, 3),
  scaledSeason(60, 24),
  scaledSeason(WEEK, 1),
];
/** Members without parameters: what is always at hand, for a function that was first called a minute ago as well. */
const SIMPLE: readonly Member[] = [
  zero,
  naive,
  ...[5, 10, 30, 60, 240, 1_440].map(trailingMean),
  ...[15, 60].map(trailingMedian),
  ...PERIODS.map(seasonalNaive),
  ...PERIODS.map(seasonalMedian),
  seasonalNaive(WEEK),
  dayShape,
  ...SCALED,
  renewal,
];

/** The members that a function's forecast is mixed from, but for the network. The order is always the same. */
export function expertPool(arima: ArModel | null): readonly Member[] {
  return arima ? [...SIMPLE, arMember(ARIMA, arima)] : SIMPLE;
}

/** Members whose forecasts the network chooses among; each is in every pool. */
export const GATED: readonly string[] = [
  zero,
  ...[5, 10, 30, 60, 240, 1_440].map(trailingMean),
  trailingMedian(60),
  seasonalNaive(60),
  seasonalNaive(1_440),
  seasonalMedian(60),
  seasonalMedian(1_440),
  dayShape,
  renewal,
].map(({ name }) => name);
