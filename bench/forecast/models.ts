import { renewal } from '../../core/forecast/renewal-member';
import { naive, seasonalNaive, trailingMean, trailingMedian, zero } from '../../core/forecast/simple-members';
import type { BenchModel } from './bench-model';
import { bestLagModel, memberModel } from './member-model';
import { arimaModel, fixedMixModel, hybridModel, lstmModel } from './hybrid-model';
import { mixtureModel } from './mixture-model';

/** `member`: one way to forecast, which the hybrid is held against. `mix`: some of them together. `ablation`: the hybrid without a part. */
export type Role = 'member' | 'mix' | 'ablation';

export interface ModelRow {
  readonly role: Role;
  /** Made anew for each set of functions it is measured on. */
  readonly make: () => BenchModel;
}

/** The row that the bars are for. */
export const HYBRID = 'hybrid';

const CHEAP = [seasonalNaive(1_440), seasonalNaive(60), trailingMean(60), zero, trailingMedian(60)];

/** Every model of ours that is measured; the order is that of the tables. */
export const MODEL_ROWS: readonly ModelRow[] = [
  { role: 'member', make: () => memberModel('naive', naive) },
  { role: 'member', make: () => memberModel('zero', zero) },
  { role: 'member', make: () => memberModel('mean 10 min', trailingMean(10)) },
  { role: 'member', make: () => memberModel('mean 60 min', trailingMean(60)) },
  { role: 'member', make: () => memberModel('median 60 min', trailingMedian(60)) },
  { role: 'member', make: () => memberModel('seasonal naive 60 min', seasonalNaive(60)) },
  { role: 'member', make: () => memberModel('seasonal naive day', seasonalNaive(1_440)) },
  { role: 'member', make: () => bestLagModel('best-lag median') },
  { role: 'member', make: () => memberModel('renewal', renewal) },
  { role: 'mix', make: () => mixtureModel('cheap mixture', () => CHEAP) },
  { role: 'member', make: () => arimaModel('ARIMA') },
  { role: 'member', make: () => lstmModel('LSTM') },
  { role: 'mix', make: () => fixedMixModel('0.3 ARIMA + 0.7 LSTM, fixed') },
  { role: 'mix', make: () => hybridModel(HYBRID) },
  { role: 'ablation', make: () => hybridModel('hybrid without LSTM', { network: false }) },
  { role: 'ablation', make: () => hybridModel('hybrid without ARIMA', { arima: false }) },
  { role: 'ablation', make: () => hybridModel('hybrid without features', { features: false }) },
];
