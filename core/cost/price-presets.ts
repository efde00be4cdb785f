import type { Tier } from '../function/manifest';
import { definedFields } from '../settings/defined-fields';
import { LIST_RESOURCE_PRICES } from './resource-prices';
import type { PriceTable, Unit, UnitPrices } from './price-table';

const MONTH_SECONDS = 30 * 86_400;
const MICRO = 1e6;
/** A second of a late answer is credited with what a second of waiting is worth to the platform's decisions. */
const SLA_SECOND = LIST_RESOURCE_PRICES.waitSecond;

/** What a machine costs its owner. */
export interface MachinePrice {
  /** Rent, or the price over its life, with power and place. */
  readonly dollarsPerMonth: number;
  readonly cores: number;
  readonly memoryGb: number;
  /** Part of the price that its cores are worth; memory is worth the rest. */
  readonly cpuShare: number;
  readonly dollarsPerTransferredGb: number;
  readonly dollarsPerStoredGbMonth: number;
}

/** Prices at which a machine that is fully used earns exactly what it costs. */
export function machinePrices(machine: MachinePrice): UnitPrices {
  const second = (machine.dollarsPerMonth * MICRO) / MONTH_SECONDS;
  const gbSecond = (second * (1 - machine.cpuShare)) / machine.memoryGb;
  return {
    cpuSecond: (second * machine.cpuShare) / machine.cores,
    gbSecondRunning: gbSecond,
    // Memory is taken, whether somebody works in it or not.
    gbSecondFrozen: gbSecond,
    checkpointGbMonth: machine.dollarsPerStoredGbMonth * MICRO,
    otherRegionGb: machine.dollarsPerTransferredGb * MICRO,
    internetGb: machine.dollarsPerTransferredGb * MICRO,
    request: 0,
    slaSecond: SLA_SECOND,
  };
}

/** A rented server of the middle of the market. */
export const OWN_MACHINE: MachinePrice = {
  dollarsPerMonth: 60,
  cores: 8,
  memoryGb: 32,
  cpuShare: 0.5,
  dollarsPerTransferredGb: 0.001,
  dollarsPerStoredGbMonth: 0.01,
};

/** The public list prices of two clouds, without free tiers and discounts, and those of a machine of one's own. */
export const PRICE_PRESETS = {
  'own-machine': {
    asOf: null,
    source: 'a machine that is fully used earns what it costs (cost.machine)',
    prices: machinePrices(OWN_MACHINE),
  },
  'aws-lambda': {
    asOf: '2025-11-01',
    source: 'AWS Lambda, S3 and data transfer, x86, US East (N. Virginia), list prices',
    prices: {
      // CPU comes with the memory; what is kept ready is sold as provisioned concurrency.
      cpuSecond: 0,
      gbSecondRunning: 16.6667,
      gbSecondFrozen: 4.1667,
      checkpointGbMonth: 23_000,
      otherRegionGb: 20_000,
      internetGb: 90_000,
      request: 0.2,
      slaSecond: SLA_SECOND,
    },
  },
  'google-cloud-run': {
    asOf: '2025-11-01',
    source: 'Google Cloud Run (billed by request), Cloud Storage and data transfer, tier 1 regions, list prices',
    prices: {
      cpuSecond: 24,
      gbSecondRunning: 2.5,
      gbSecondFrozen: 2.5,
      checkpointGbMonth: 20_000,
      otherRegionGb: 20_000,
      internetGb: 120_000,
      request: 0.4,
      slaSecond: SLA_SECOND,
    },
  },
} as const satisfies Record<string, { asOf: string | null; source: string; prices: UnitPrices }>;

export type PricePreset = keyof typeof PRICE_PRESETS;

/** What an operator prices otherwise. */
export type PriceChanges = { readonly [unit in Unit]?: number | undefined };

/** A preset's prices as a table, with what the operator changes for all tiers and for one. */
export function priceTable(
  preset: PricePreset,
  base: UnitPrices,
  changes: PriceChanges,
  tierChanges: Readonly<Record<Tier, PriceChanges>>,
): PriceTable {
  const { asOf, source } = PRICE_PRESETS[preset];
  const own = [changes, ...Object.values(tierChanges)].some((each) => Object.keys(each).length > 0);
  const everywhere = { ...base, ...definedFields(changes) };
  return {
    name: preset,
    asOf,
    source: own ? `${source}; changed by the configuration` : source,
    tiers: {
      edge: { ...everywhere, ...definedFields(tierChanges.edge) },
      regional: { ...everywhere, ...definedFields(tierChanges.regional) },
      central: { ...everywhere, ...definedFields(tierChanges.central) },
    },
  };
}
