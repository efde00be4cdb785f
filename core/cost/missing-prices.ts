import { TIERS } from '../function/manifest';
import type { PriceTable } from './price-table';

/** What a call is charged for, whatever it does. */
const OF_EVERY_CALL = ['request', 'cpuSecond', 'gbSecondRunning'] as const;

/** Tiers on which calls cost nothing at all: what runs there no budget sees. */
export function tiersWithoutPrices({ tiers }: PriceTable): readonly string[] {
  return TIERS.filter((tier) => OF_EVERY_CALL.every((unit) => !(tiers[tier][unit] > 0)));
}
