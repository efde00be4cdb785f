import type { ArModel } from '../../core/forecast/ar-model';

/** Fits ARIMA models with a program that may hang, print or fall over, none of which its caller sees. */
export interface ArimaFitter {
  /**
   * One model for each series of requests a minute, the oldest first; null where nothing can be learned from it (fewer than
   * 11 minutes, the same count in each, values that are no counts) or where the fit failed, took too long, or forecasts what
   * cannot be. Calls wait for those before them. @throws PlatformError unavailable after `close`
   */
  fit(series: readonly Float64Array[]): Promise<(ArModel | null)[]>;
  /** Ends the program; what is being fitted fails. */
  close(): Promise<void>;
}
