import type { FunctionConstraints } from '../../../core/budget/budget-constraints';
import { Purse } from '../../../core/budget/purse';
import { UNRESTRAINED } from '../../../core/budget/restraint';
import { PRICE_PRESETS } from '../../../core/cost/price-presets';
import type { Tier } from '../../../core/function/manifest';
import { placementCaseOf } from '../../../core/plan/placement-case-of';
import { replicasWithin, tierCost, tiersWithin, unpaidMoves } from '../../../core/plan/within-budgets';
import { settings, snapshotFunction, snapshotNode, snapshotOf } from './plan-builder';

const nodes = [
  snapshotNode('edge-1', 'eu', 'edge'),
  snapshotNode('central-1', 'us'),
  snapshotNode('regional-1', 'eu', 'regional'),
];
const { prices } = settings;
const costOf = (tier: Tier): number => settings.priceFactors[tier];
const constrained = (purse: number | null, cheapestTier = false): { constraints: FunctionConstraints } => ({
  constraints: {
    restraint: { ...UNRESTRAINED, cheapestTier },
    purses: purse === null ? [] : [new Purse(purse)],
  },
});

test('a budget that asks for it leaves only the cheapest tier that is allowed and has a node', () => {
  expect(tiersWithin(snapshotFunction('acme/f', constrained(1)), nodes, costOf)).toHaveLength(3);
  expect(tiersWithin(snapshotFunction('acme/f', constrained(1, true)), nodes, costOf)).toEqual(['central']);
  const near = snapshotFunction('acme/f', constrained(1, true), { tier: { allow: ['edge', 'regional'] } });
  expect(tiersWithin(near, nodes, costOf)).toEqual(['regional']);
  expect(tiersWithin(near, nodes.slice(0, 2), costOf)).toEqual(['edge']);
  // Where none has a node, placement says why.
  expect(tiersWithin(near, nodes.slice(1, 2), costOf)).toEqual(['edge', 'regional']);
  const kept = snapshotFunction('acme/f', constrained(1, true), { placement: { regions: ['eu'] } });
  expect(tiersWithin(kept, nodes, costOf)).toEqual(['regional']);
});

test('replicas beyond the first are paid from what the budget leaves, those with the most calls first', () => {
  const gb = { resources: { memory: '1000M' } };
  const perSecond = prices.gbHour / 3_600;
  const { constraints } = constrained(3.5 * perSecond);
  const functions = [
    snapshotFunction('acme/quiet', { constraints, load: { calls: 1, executeMs: 1, cpuMicros: 1 } }, gb),
    snapshotFunction('acme/busy', { constraints }, gb),
    snapshotFunction('acme/free', {}, gb),
  ];
  expect(Object.fromEntries(replicasWithin(functions, () => 3, prices))).toEqual({
    'acme/busy': 3,
    'acme/quiet': 2,
    'acme/free': 3,
  });
  expect(Object.fromEntries(replicasWithin(functions.slice(0, 1), () => 3, prices))).toEqual({ 'acme/quiet': 1 });
});

test('who cannot pay for a move stays, unless it may not', () => {
  const allowed = (): readonly ['central'] => ['central'];
  const price = (0.02 * prices.transferGb) / 3_600;
  const of = (change: object) => [snapshotFunction('acme/f', change)];
  expect(unpaidMoves(of(constrained(price * 1.1)), nodes, allowed, prices)).toEqual([]);
  expect(unpaidMoves(of(constrained(price * 0.9)), nodes, allowed, prices)).toEqual(['acme/f']);
  expect(unpaidMoves(of(constrained(null)), nodes, allowed, prices)).toEqual([]);
  expect(unpaidMoves(of({ ...constrained(0), nodes: ['edge-1'] }), nodes, allowed, prices)).toEqual([]);
  expect(unpaidMoves(of({ ...constrained(0), nodes: ['gone'] }), nodes, allowed, prices)).toEqual([]);
});

test('the case that is solved is within budgets, and says so', () => {
  const fn = snapshotFunction('acme/f', constrained(0, true), { sla: { latencyMs: 500 } });
  const { problem, notes } = placementCaseOf(snapshotOf({ nodes, functions: [fn] }), settings);
  expect(problem.functions[0]).toMatchObject({ tiers: ['central'], replicas: { min: 1, max: 1 } });
  expect(notes).toEqual([
    'acme/f is held to the tier central by its budget',
    'acme/f may have 1 replica(s): its budget leaves no money for more',
  ]);
});

test('what a tier costs is what is charged there for what was measured', () => {
  const prices = { ...PRICE_PRESETS['google-cloud-run'].prices, cpuSecond: 24, gbSecondRunning: 2.5 };
  const fn = snapshotFunction('acme/f', {}, { resources: { memory: '1000M' } });
  expect(tierCost(fn, prices)).toBeCloseTo(18 * 24 + 36 * 2.5);
  expect(tierCost({ ...fn, load: { calls: 0, executeMs: 0, cpuMicros: 0 } }, prices)).toBeCloseTo(26.5);
});
