import type { Advice, Strategy } from './advice';
import type { AdviceFacts } from './advice-facts';
import { checkpointRetention } from './checkpoint-retention';
import { consolidation } from './consolidation';
import { keepAlive } from './keep-alive';
import { networkPlacement } from './network-placement';
import { rightSizeCpu } from './right-size-cpu';
import { rightSizeMemory } from './right-size-memory';
import type { StrategyName } from './strategies';

const ALL: readonly Strategy[] = [
  rightSizeMemory,
  rightSizeCpu,
  keepAlive,
  checkpointRetention,
  networkPlacement,
  consolidation,
];

/** A cent a month: less is not worth reading about. */
export const LEAST_SAVING = 10_000_000_000n;

/**
 * What all strategies advise, the greatest saving first. Savings of different strategies overlap: a smaller limit makes warmth cheaper too.
 * @param only these strategies; left out: all
 */
export function adviseCosts(facts: AdviceFacts, only?: readonly StrategyName[]): Advice[] {
  return ALL.filter(({ name }) => only?.includes(name) ?? true)
    .flatMap((strategy) => strategy.advise(facts))
    .filter(({ monthlySaving }) => monthlySaving >= LEAST_SAVING)
    .sort((a, b) => (a.monthlySaving > b.monthlySaving ? -1 : a.monthlySaving < b.monthlySaving ? 1 : 0));
}
