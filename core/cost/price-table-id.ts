import { createHash } from 'node:crypto';
import { TIERS } from '../function/manifest';
import { UNITS, type PriceTable } from './price-table';

const DIGITS = 12;

/** What a price table is called for as long as nothing of it changes: the first digits of its SHA-256. */
export function priceTableId({ name, asOf, source, tiers }: PriceTable): string {
  const prices = TIERS.map((tier) => [tier, UNITS.map((unit) => [unit, tiers[tier][unit]])]);
  return createHash('sha256')
    .update(JSON.stringify([name, asOf, source, prices]))
    .digest('hex')
    .slice(0, DIGITS);
}
