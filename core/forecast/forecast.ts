/** Minutes that a forecast looks ahead. */
export const HORIZON = 10;
/** Quantiles that a forecast gives of each minute. */
export const QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** What is expected of a function in the coming minutes. */
export interface Forecast {
  readonly mean: number[];
  readonly quantiles: number[][];
  readonly total: { readonly mean: number; readonly quantiles: number[] };
  readonly spike: number[];
  readonly members: { readonly name: string; readonly weight: number; readonly forecast: number[] }[];
  readonly spoke: string;
}
