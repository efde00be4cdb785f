import type { InvocationRecord } from '../record/invocation-record';
import { CostSum, type CallCosts, type PricedUsage } from './cost-sum';
import type { PriceBook } from './price-book';

/** What of a record its cost is reckoned from. */
export type PricedRecord = Pick<
  InvocationRecord,
  'pricing' | 'kind' | 'cpuMicros' | 'memoryByteMs' | 'bytesOut' | 'userRegion' | 'totalMs'
>;

/** What one recorded call used. */
export function usageOf(record: PricedRecord): PricedUsage {
  const { kind, cpuMicros, memoryByteMs, bytesOut, totalMs, userRegion: callerRegion } = record;
  return { served: kind !== null, cpuMicros: cpuMicros ?? 0, memoryByteMs, bytesOut, totalMs, callerRegion };
}

/** What one recorded call cost; null where it is not priced. */
export function costsOf(record: PricedRecord, book: PriceBook): CallCosts | null {
  const prices = book.of(record.pricing);
  if (!prices) return null;
  const sum = new CostSum();
  sum.add(prices, usageOf(record));
  return sum.costs;
}
