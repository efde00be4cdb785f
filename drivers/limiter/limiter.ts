import type { RateRule } from '../../core/admission/limits';

/** What is left of a window after a request was counted in it. */
export interface RateState {
  readonly allowed: boolean;
  /** Requests that the window still takes. */
  readonly remaining: number;
  /** Until the window ends, in milliseconds. */
  readonly resetMs: number;
}

/** Counts requests by key in fixed windows, each of which begins with the first request after the one before. */
export interface Limiter {
  /**
   * Counts one request of `key`, refused or not. A key's count goes on when its rule changes; its window stays.
   * @throws PlatformError unavailable when the counts are kept elsewhere and cannot be reached
   */
  take(key: string, rule: RateRule): Promise<RateState>;
  /** Forgets everything; no `take` afterwards. */
  close(): Promise<void>;
}
