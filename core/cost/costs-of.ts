import type { InvocationRecord } from '../record/invocation-record';
import { CALL_COMPONENTS } from './call-usage';
import { CostSum, type CallCosts, type PricedUsage } from './cost-sum';
import type { PriceBook } from './price-book';
import { CREDIT } from './price-table';

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

/** What of it is paid: a credit for lateness is not. */
export function paidOf({ cost }: CallCosts): bigint {
  return cost.reduce((sum, amount, part) => (CALL_COMPONENTS[part] === CREDIT ? sum : sum + amount), 0n);
}

/** What one recorded call cost; null where it is not priced. */
export function costsOf(record: PricedRecord, book: PriceBook): CallCosts | null {
  const prices = book.of(record.pricing);
  if (!prices) return null;
  const sum = new CostSum();
  sum.add(prices, usageOf(record));
  return sum.costs;
}
