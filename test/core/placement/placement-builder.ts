import * as fc from 'fast-check';
import type { CallEdge, PlacementCase, PlacementFunction, PlacementNode } from '../../../core/placement/placement-case';
import { DEFAULT_PLACEMENT_PRICES, DEFAULT_WEIGHTS } from '../../../core/placement/placement-prices';

export const GB = 1e9;

/** An edge node in region `east` with four cores and 8 GB. */
export function node(name: string, changes: Partial<PlacementNode> = {}): PlacementNode {
  return {
    name,
    region: 'east',
    tier: 'edge',
    state: 'ready',
    cpuMillis: 4_000,
    memoryBytes: 8 * GB,
    slots: 100,
    bandwidthBytesPerSecond: null,
    priceFactor: 1,
    ...changes,
  };
}

/** A function of one small instance that nobody calls. */
export function fn(id: string, changes: Partial<PlacementFunction> = {}): PlacementFunction {
  return {
    id,
    users: [],
    bytesPerCall: 0,
    data: [],
    cpuMillis: 100,
    instances: 1,
    memoryBytes: GB,
    sla: null,
    regions: null,
    tiers: ['edge', 'regional', 'central'],
    preferTier: null,
    replicas: { min: 1, max: 1 },
    current: null,
    move: { bytes: 0, seconds: 0, waitSeconds: 0 },
    ...changes,
  };
}

/** Calls without bytes. */
export function call(from: string, to: string, callsPerHour: number): CallEdge {
  return { from, to, callsPerHour, bytesPerCall: 0 };
}

/** Regions `east` and `west`: 5 ms within a region, 100 ms between the two; within a node none. */
export function placementCase(
  nodes: readonly PlacementNode[],
  functions: readonly PlacementFunction[],
  changes: Partial<PlacementCase> = {},
): PlacementCase {
  const regions = changes.regions ?? ['east', 'west'];
  const ms = (a: string, b: string): number => (a === b ? 5 : 100);
  return {
    regions,
    nodes,
    functions,
    calls: [],
    regionMs: regions.map((region) => nodes.map((to) => ms(region, to.region))),
    nodeMs: nodes.map((from) => nodes.map((to) => (from === to ? 0 : ms(from.region, to.region)))),
    weights: DEFAULT_WEIGHTS,
    prices: DEFAULT_PLACEMENT_PRICES,
    ...changes,
  };
}

const REGIONS = ['east', 'west', 'north'];

/** Small cases with every sort of constraint, tight enough that some have no placement. */
export function anyCase(most: { nodes: number; functions: number; replicas?: number }): fc.Arbitrary<PlacementCase> {
  const amount = fc.integer({ min: 0, max: 1_000 });
  const anyNode = fc.record({
    region: fc.constantFrom(...REGIONS),
    tier: fc.constantFrom('edge' as const, 'regional' as const, 'central' as const),
    cpuMillis: fc.integer({ min: 500, max: 3_000 }),
    memoryBytes: fc.integer({ min: 1, max: 5 }).map((gb) => gb * GB),
    slots: fc.integer({ min: 1, max: 6 }),
    priceFactor: fc.constantFrom(1, 1.4, 2),
  });
  const anyFunction = fc.record({
    users: fc.uniqueArray(fc.record({ region: fc.constantFrom(...REGIONS), callsPerHour: amount }), {
      selector: ({ region }) => region,
    }),
    data: fc.array(
      fc.record({
        region: fc.constantFrom(...REGIONS),
        tripsPerCall: fc.constantFrom(0.5, 1, 2),
        bytesPerCall: fc.integer({ min: 0, max: 100_000 }),
      }),
      { maxLength: 1 },
    ),
    cpuMillis: fc.integer({ min: 0, max: 1_200 }),
    instances: fc.integer({ min: 1, max: 2 }),
    memoryBytes: fc.constantFrom(0.25, 0.5, 1, 2).map((gb) => gb * GB),
    tiers: fc.constantFrom(['edge', 'regional', 'central'] as const, ['regional', 'central'] as const),
    regions: fc.constantFrom(null, null, null, ['east', 'west']),
    replicas: fc.constant({ min: 1, max: most.replicas ?? 1 }),
  });
  return fc
    .record({
      nodes: fc.array(anyNode, { minLength: 1, maxLength: most.nodes }),
      functions: fc.array(anyFunction, { minLength: 1, maxLength: most.functions }),
    })
    .chain(({ nodes, functions }) =>
      fc
        .record({
          ms: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 200, maxLength: 200 }),
          calls: fc.uniqueArray(
            fc.record({
              from: fc.nat(functions.length - 1),
              to: fc.nat(functions.length - 1),
              callsPerHour: amount,
              bytesPerCall: fc.integer({ min: 0, max: 100_000 }),
            }),
            { selector: ({ from, to }) => `${from} ${to}`, maxLength: 6 },
          ),
        })
        .map(({ ms, calls }) => {
          const named = nodes.map((changes, index) => node(`n${index}`, changes));
          return placementCase(
            named,
            functions.map((changes, index) => fn(`f${index}`, changes)),
            {
              regions: REGIONS,
              regionMs: REGIONS.map((_, row) => named.map((__, column) => ms[row * 20 + column]!)),
              nodeMs: named.map((_, row) =>
                named.map((__, column) => (row === column ? 0 : ms[60 + row * 10 + column]!)),
              ),
              calls: calls
                .filter(({ from, to }) => from !== to)
                .map(({ from, to, ...rest }) => ({ from: `f${from}`, to: `f${to}`, ...rest })),
            },
          );
        }),
    );
}
