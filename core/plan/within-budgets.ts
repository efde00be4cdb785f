import { takeFromAll } from '../budget/purse';
import type { UnitPrices } from '../cost/price-table';
import type { Tier } from '../function/manifest';
import { parseMemory } from '../function/quantity';
import type { PlacementPrices } from '../placement/placement-prices';
import type { SnapshotFunction, SnapshotNode } from './placement-snapshot';

const GB = 1e9;
const HOUR_SECONDS = 3_600;

/**
 * Of the tiers that a function allows the cheapest one that has a node for it, should its budget ask for that; else all.
 * @param costOf what its calls cost on a tier, compared with others
 */
export function tiersWithin(
  { constraints, manifest }: Pick<SnapshotFunction, 'constraints' | 'manifest'>,
  nodes: readonly Pick<SnapshotNode, 'tier' | 'state' | 'region'>[],
  costOf: (tier: Tier) => number,
): readonly Tier[] {
  const { tier, placement } = manifest.spec;
  if (!constraints?.restraint.cheapestTier) return tier.allow;
  const regions = placement?.regions;
  const there = tier.allow.filter((each) =>
    nodes.some((node) => node.tier === each && node.state === 'ready' && (regions?.includes(node.region) ?? true)),
  );
  const [cheapest] = there.sort((a, b) => costOf(a) - costOf(b));
  return cheapest === undefined ? tier.allow : [cheapest];
}

/** What a function's calls cost on a tier, as measured, in micro-dollars; of one that was never called, by a second of each. */
export function tierCost({ load, manifest }: SnapshotFunction, prices: UnitPrices): number {
  const memoryGb = parseMemory(manifest.spec.resources.memory) / GB;
  const [cpuSeconds, seconds] = load.calls > 0 ? [load.cpuMicros / 1e6, load.executeMs / 1_000] : [1, 1];
  return cpuSeconds * prices.cpuSecond + seconds * memoryGb * prices.gbSecondRunning;
}

/**
 * How many replicas each function may have, by id: the first is never asked for, each further one holds memory that its budgets must
 * leave money for. Functions with the most calls go first; what is granted is taken from their purses.
 * @param most replicas that a function may have otherwise
 */
export function replicasWithin(
  functions: readonly SnapshotFunction[],
  most: (fn: SnapshotFunction) => number,
  { gbHour }: Pick<PlacementPrices, 'gbHour'>,
): ReadonlyMap<string, number> {
  const granted = new Map<string, number>();
  for (const fn of [...functions].sort((a, b) => b.load.calls - a.load.calls)) {
    const perSecond = ((parseMemory(fn.manifest.spec.resources.memory) / GB) * gbHour) / HOUR_SECONDS;
    let replicas = 1;
    while (replicas < most(fn) && takeFromAll(fn.constraints?.purses ?? [], perSecond)) replicas++;
    granted.set(fn.id, replicas);
  }
  return granted;
}

/**
 * Ids of the functions whose budgets leave nothing for a move: it must not cost more than what may be spent in an hour. Who may not
 * stay where it is moves all the same.
 * @param tiers those that a function may be on
 */
export function unpaidMoves(
  functions: readonly SnapshotFunction[],
  nodes: readonly Pick<SnapshotNode, 'name' | 'tier' | 'state'>[],
  tiers: (id: string) => readonly Tier[],
  { transferGb }: Pick<PlacementPrices, 'transferGb'>,
): readonly string[] {
  const mayStay = ({ id, nodes: at }: SnapshotFunction): boolean =>
    at.every((name) => {
      const node = nodes.find((each) => each.name === name);
      return node?.state === 'ready' && tiers(id).includes(node.tier);
    });
  return functions
    .filter((fn) => (fn.constraints?.purses.length ?? 0) > 0 && mayStay(fn))
    .filter((fn) => !takeFromAll(fn.constraints?.purses ?? [], ((fn.imageBytes / GB) * transferGb) / HOUR_SECONDS))
    .map(({ id }) => id);
}
