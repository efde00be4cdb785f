import type { RateRule } from '../../core/admission/limits';
import type { RateState } from '../../core/admission/rate-window';

/** Counts requests by key in fixed windows, each of which begins with the first request after the one before. */
export interface Limiter {
  /**
   * Counts one request of `key`; once the window is used up, further ones need not be. A key's count goes on when its rule
   * changes; its window stays.
   * @throws PlatformError unavailable when the counts are kept elsewhere and cannot be reached
   */
  take(key: string, rule: RateRule): Promise<RateState>;
  /** Forgets everything; no `take` afterwards. */
  close(): Promise<void>;
}
