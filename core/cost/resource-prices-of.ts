import type { CostSettings } from './cost-settings';
import { machinePrices, type PriceChanges } from './price-presets';
import { LIST_RESOURCE_PRICES, type ResourcePrices } from './resource-prices';

const MONTH_SECONDS = 30 * 86_400;

/**
 * What the decisions of the platform take resources to cost, where its operator does not say otherwise: on a machine of one's own what
 * the machine costs; with a cloud's price list what clouds sell single resources at (a list that sells CPU with memory says
 * nothing of either); and what the operator has priced anew for all tiers, at that price.
 */
export function resourcePricesOf({ preset, machine, prices }: CostSettings): ResourcePrices {
  const base = preset === 'own-machine' ? fromUnits(machinePrices(machine)) : {};
  return { ...LIST_RESOURCE_PRICES, ...base, ...fromUnits(prices) };
}

function fromUnits(units: PriceChanges): Partial<ResourcePrices> {
  const { gbSecondRunning, cpuSecond, checkpointGbMonth, otherRegionGb } = units;
  return {
    ...(gbSecondRunning === undefined ? {} : { gbSecond: gbSecondRunning }),
    ...(cpuSecond === undefined ? {} : { coreSecond: cpuSecond }),
    ...(checkpointGbMonth === undefined ? {} : { storedGbSecond: checkpointGbMonth / MONTH_SECONDS }),
    ...(otherRegionGb === undefined ? {} : { transferGb: otherRegionGb }),
  };
}
