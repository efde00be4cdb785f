import * as fc from 'fast-check';
import { CaseTerms } from '../../../core/placement/case-terms';
import { costBreakdown, sumOf } from '../../../core/placement/cost-breakdown';
import { DEFAULT_PLACEMENT_PRICES } from '../../../core/placement/placement-prices';
import { PartModel } from '../../../core/placement/solvers/part-model';
import { anyCase, call, fn, GB, node, placementCase } from './placement-builder';

const nodes = [node('east-1'), node('west-1', { region: 'west', priceFactor: 2, tier: 'central' })];
const prices = {
  ...DEFAULT_PLACEMENT_PRICES,
  waitSecond: 10_000,
  transferGb: 20_000,
  coreHour: 100_000,
  gbHour: 60_000,
};

it('prices the wait of users and what they pull across regions', () => {
  const users = [
    { region: 'east', callsPerHour: 1_000 },
    { region: 'west', callsPerHour: 100 },
  ];
  const problem = placementCase(nodes, [fn('f', { users, bytesPerCall: 1e6 })], { prices });
  const { terms } = costBreakdown(problem, { f: ['east-1'] });
  // 1,000 × 5 ms and 100 × 100 ms at a cent a second; a tenth of a GB from west.
  expect(terms.user).toBeCloseTo(10_000 * (5 + 10) + 20_000 * 0.1);
});

it('prices the trips to data of all calls, those by functions too', () => {
  const data = [{ region: 'east', tripsPerCall: 2, bytesPerCall: 0 }];
  const problem = placementCase(nodes, [fn('f', { data }), fn('g')], { prices, calls: [call('g', 'f', 500)] });
  expect(costBreakdown(problem, { f: ['west-1'], g: ['west-1'] }).terms.data).toBeCloseTo(500 * 2 * 0.1 * 10_000);
});

it('prices calls between functions, half for each', () => {
  const problem = placementCase(nodes, [fn('f'), fn('g')], {
    prices,
    calls: [{ from: 'f', to: 'g', callsPerHour: 1_000, bytesPerCall: 1e6 }],
  });
  const apart = costBreakdown(problem, { f: ['east-1'], g: ['west-1'] });
  expect(apart.terms.calls).toBeCloseTo(1_000 * 0.1 * 10_000 + 20_000);
  expect(apart.functions['f']!.calls).toBeCloseTo(apart.terms.calls / 2);
  expect(costBreakdown(problem, { f: ['east-1'], g: ['east-1'] }).terms.calls).toBe(0);
});

it('prices room by node and by the tier that is preferred', () => {
  const plain = placementCase(nodes, [fn('f', { cpuMillis: 500, memoryBytes: 2 * GB })], { prices });
  expect(costBreakdown(plain, { f: ['east-1'] }).terms.resources).toBeCloseTo(50_000 + 120_000);
  expect(costBreakdown(plain, { f: ['west-1'] }).terms.resources).toBeCloseTo(2 * 170_000);
  const edge = placementCase(nodes, [fn('f', { cpuMillis: 500, memoryBytes: 2 * GB, preferTier: 'edge' })], { prices });
  expect(costBreakdown(edge, { f: ['west-1'] }).terms.resources).toBeCloseTo(2 * 170_000 * (1 + prices.otherTier));
});

it('prices a move once and pays it off over hours; staying and beginning are free', () => {
  const move = { bytes: GB, seconds: 3_600, waitSeconds: 2 };
  const at = (current: string[] | null): number => {
    const place = current && { nodes: current, secondsSinceMove: null };
    const problem = placementCase(nodes, [fn('f', { move, current: place })], {
      prices: { ...prices, payOffHours: 4 },
    });
    return costBreakdown(problem, { f: ['east-1'] }).terms.migration;
  };
  expect(at(['east-1'])).toBe(0);
  expect(at(null)).toBe(0);
  expect(at(['west-1'])).toBeCloseTo((20_000 + 2 * 10_000 + 60_000) / 4);
});

it('multiplies each term by its weight', () => {
  const users = [{ region: 'west', callsPerHour: 1_000 }];
  const weigh = (user: number): number =>
    costBreakdown(
      placementCase(nodes, [fn('f', { users })], { weights: { user, data: 0, calls: 0, resources: 0, migration: 0 } }),
      { f: ['east-1'] },
    ).total;
  expect(weigh(3)).toBeCloseTo(3 * weigh(1));
});

it('sends each user to the nearest replica, and splits load and room between them', () => {
  const users = [
    { region: 'east', callsPerHour: 750 },
    { region: 'west', callsPerHour: 250 },
  ];
  const problem = placementCase(
    nodes,
    [fn('f', { users, cpuMillis: 1_000, instances: 4, replicas: { min: 1, max: 2 } })],
    { prices },
  );
  const { terms } = costBreakdown(problem, { f: ['east-1', 'west-1'] });
  expect(terms.user).toBeCloseTo(1_000 * 0.005 * 10_000);
  expect(terms.resources).toBeCloseTo(0.75 * 100_000 + 3 * 60_000 + 2 * (0.25 * 100_000 + 60_000));
});

it('is what solvers reckon with', () => {
  fc.assert(
    fc.property(anyCase({ nodes: 5, functions: 5 }), fc.infiniteStream(fc.nat()), (problem, draws) => {
      const model = new PartModel(new CaseTerms(problem));
      const at = Int32Array.from(model.parts, () => (draws.next().value as number) % model.nodes);
      const costs = costBreakdown(problem, model.placement(at));
      expect(model.cost(at)).toBeCloseTo(costs.total, 4);
      expect(Object.values(costs.functions).reduce((sum, own) => sum + sumOf(own), 0)).toBeCloseTo(costs.total, 4);
    }),
    { numRuns: 200 },
  );
});
