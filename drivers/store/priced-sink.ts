import type { PriceTable } from '../../core/cost/price-table';
import type { RecordSink, Store } from './store';

type Sink = Pick<RecordSink, 'writeInvocations' | 'writeHeld'>;

/** Writes the price table before the first records that are priced by it: none names one that nobody can look up. */
export function pricedSink(store: Sink & Pick<Store, 'putPriceTable'>, prices: PriceTable): Sink {
  let known: Promise<unknown> | undefined;
  const keepPrices = (): Promise<unknown> => {
    known ??= store.putPriceTable(prices).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    async writeInvocations(batch) {
      await keepPrices();
      await store.writeInvocations(batch);
    },
    async writeHeld(batch) {
      await keepPrices();
      await store.writeHeld(batch);
    },
  };
}
