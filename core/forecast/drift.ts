/** Errors of the last hour that a model may have before it counts as one that no longer fits. Shares of what came (WAPE). */
export interface ErrorBand {
  /** On the holdout. */
  readonly expected: number;
  /** Above it the model has drifted, should it stay there for an hour. */
  readonly limit: number;
}

/** An hour differs from the holdout's mean hour: by half, and by a tenth where the error is small. */
const SLACK = 1.5;
const LEAST_SLACK = 0.1;

/** @param metrics of a model, as validation gave them. Null where its error is not defined: nothing came on the holdout */
export function errorBand(metrics: Readonly<Record<string, number | null>>): ErrorBand | null {
  const expected = metrics['wape'];
  if (expected === null || expected === undefined || !Number.isFinite(expected)) return null;
  return { expected, limit: SLACK * expected + LEAST_SLACK };
}

const HOUR = 60;

/** Tells when a function's error has been above its band for an hour without a break. */
export class DriftWatch {
  #above = 0;

  /**
   * What the last hour's error was at one more minute; null where it says nothing, which neither counts nor ends a count.
   * @returns true at the minute that completes an hour above the band; the count then begins anew
   */
  observe(hourError: number | null, band: ErrorBand | null): boolean {
    if (band === null) {
      this.#above = 0;
      return false;
    }
    if (hourError === null) return false;
    this.#above = hourError > band.limit ? this.#above + 1 : 0;
    if (this.#above < HOUR) return false;
    this.#above = 0;
    return true;
  }
}
