import { z } from 'zod';
import { STRATEGIES } from './advice/strategies';
import { machinePrices, OWN_MACHINE, PRICE_PRESETS, priceTable, type PricePreset } from './price-presets';
import { everyUnit, type PriceTable } from './price-table';

const price = z.coerce.number().min(0, 'a price is not negative').max(1e9, 'more than a thousand dollars a unit');
const changes = z.strictObject(everyUnit(price)).partial();

/** The section `cost` of the configuration. All prices are micro-dollars a unit. */
export const costSettingsSchema = z.strictObject({
  preset: z.enum(Object.keys(PRICE_PRESETS) as [PricePreset, ...PricePreset[]]).default('aws-lambda'),
  /** What a machine of one's own costs; only `own-machine` looks at it. */
  machine: z
    .strictObject({
      dollarsPerMonth: z.coerce.number().gt(0).max(1e6).default(OWN_MACHINE.dollarsPerMonth),
      cores: z.coerce.number().gt(0).max(4096).default(OWN_MACHINE.cores),
      memoryGb: z.coerce.number().gt(0).max(65_536).default(OWN_MACHINE.memoryGb),
      cpuShare: z.coerce.number().min(0).max(1).default(OWN_MACHINE.cpuShare),
      dollarsPerTransferredGb: z.coerce.number().min(0).max(100).default(OWN_MACHINE.dollarsPerTransferredGb),
      dollarsPerStoredGbMonth: z.coerce.number().min(0).max(100).default(OWN_MACHINE.dollarsPerStoredGbMonth),
    })
    .prefault({}),
  /** Changes to the preset for all nodes. */
  prices: changes.prefault({}),
  /** Changes for the nodes of one tier. */
  tiers: z
    .strictObject({ edge: changes.prefault({}), regional: changes.prefault({}), central: changes.prefault({}) })
    .prefault({}),
  /** Strategies whose recommendations are applied without being asked for, one after the other; each is judged, and taken back where it lost. */
  autoApply: z.array(z.enum(STRATEGIES)).default([]),
});

export type CostSettings = z.output<typeof costSettingsSchema>;

/** The prices that the settings ask for. */
export function priceTableOf({ preset, machine, prices, tiers }: CostSettings): PriceTable {
  const base = preset === 'own-machine' ? machinePrices(machine) : PRICE_PRESETS[preset].prices;
  return priceTable(preset, base, prices, tiers);
}
