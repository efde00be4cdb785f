import { PlatformError } from '../../../core/error/platform-error';
import type { ArModel } from '../../../core/forecast/ar-model';
import { largestCount } from '../../../core/forecast/fit-ar';
import type { ArimaFitter } from '../arima-fitter';
import { checkedModel } from './checked-model';
import { FitThread } from './fit-thread';

/** Docs/adr/0017: without differences it is further off, and more terms take the package seconds. */
const ORDER = { p: 5, d: 1 } as const;
const FEWEST = 11;
/** Steps in which our recursion has to equal the package's. */
const HORIZON = 10;
/** Two days; fits take longer than in proportion. */
const MOST_MINUTES = 2_880;
/** A fit takes less than a second of a core; this much of the clock is a hang. */
const FIT_MS = 20_000;

/** Fits with the npm package `arima` (the library ctsa), in one thread that is replaced when it hangs or dies. */
export class CtsaArimaFitter implements ArimaFitter {
  readonly #thread: FitThread;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ fitMs = FIT_MS, worker }: { readonly fitMs?: number; readonly worker?: string } = {}) {
    this.#thread = new FitThread(fitMs, worker);
  }

  fit(series: readonly Float64Array[]): Promise<(ArModel | null)[]> {
    const fits = this.#last.then(async () => {
      const models: (ArModel | null)[] = [];
      for (const each of series) models.push(await this.#fitOne(each.slice(-MOST_MINUTES)));
      return models;
    });
    this.#last = fits.catch(() => undefined);
    return fits;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.end();
  }

  async #fitOne(counts: Float64Array): Promise<ArModel | null> {
    const largest = largestCount(counts);
    if (largest === null || counts.length < FEWEST) return null;
    // Large counts make the package diverge.
    const scaled = counts.map((count) => count / largest);
    if (this.#closed) throw new PlatformError('unavailable', 'The ARIMA fitter is closed');
    const fit = await this.#thread.run({ series: scaled, ...ORDER, horizon: HORIZON });
    if (this.#closed) throw new PlatformError('unavailable', 'The ARIMA fitter was closed');
    return fit === null ? null : checkedModel(fit, ORDER, scaled, counts, largest);
  }
}
