import * as fc from 'fast-check';
import { consolidation } from '../../../../core/cost/advice/consolidation';
import { networkPlacement } from '../../../../core/cost/advice/network-placement';
import type { PlacementCase } from '../../../../core/placement/placement-case';
import { search } from '../../../../core/placement/solvers/search';
import { violationsOf } from '../../../../core/placement/violations';
import { anyCase, fn, GB, node, placementCase } from '../../placement/placement-builder';
import { facts } from './observed';

const users = (region: string, callsPerHour: number) => [{ region, callsPerHour }];
const at = (...nodes: string[]) => ({ nodes, secondsSinceMove: null });
const nodes = [node('east-1'), node('west-1', { region: 'west' })];

describe('network placement', () => {
  const advise = (problem: PlacementCase, sent: { function: string; region: string; bytes: number }[]) =>
    networkPlacement.advise(facts([], { placement: { problem, sent, nodeMonth: {} } }));
  const misplaced = (change = {}) =>
    placementCase(nodes, [fn('acme/pay', { users: users('east', 100), current: at('west-1'), ...change })]);
  const sent = [
    { function: 'acme/pay', region: 'east', bytes: 100e9 },
    { function: 'acme/pay', region: 'west', bytes: 10e9 },
  ];

  it('moves a function to where most of its answers go', () => {
    const [advice] = advise(misplaced(), sent);
    expect(advice).toMatchObject({
      tenant: 'acme',
      function: 'pay',
      change: { kind: 'move', from: 'west-1', to: 'east-1' },
    });
    // 90 GB a day less leave their region, at two cents.
    expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(30 * 90 * 20_000, 3);
  });

  it('moves nothing that may not move, that users would wait for, or that sends nothing away', () => {
    expect(advise(misplaced({ regions: ['west'] }), sent)).toEqual([]);
    expect(advise(misplaced({ users: users('west', 100) }), sent)).toEqual([]);
    expect(advise(misplaced({ current: at('west-1', 'east-1'), replicas: { min: 1, max: 2 } }), sent)).toEqual([]);
    expect(advise(misplaced(), [])).toEqual([]);
    expect(advise(misplaced(), sent.slice(1))).toEqual([]);
  });
});

describe('consolidation', () => {
  const month = { 'east-1': 30e6, 'east-2': 60e6, 'west-1': 30e6 };
  const advise = (problem: PlacementCase, nodeMonth: Record<string, number> = month) =>
    consolidation.advise(facts([], { placement: { problem, sent: [], nodeMonth } }));

  it('switches the dearest node off that nobody misses', () => {
    const problem = placementCase(
      [node('east-1'), node('east-2')],
      [
        fn('acme/pay', { users: users('east', 100), current: at('east-1') }),
        fn('acme/cart', { users: users('east', 100), current: at('east-2') }),
      ],
    );
    expect(advise(problem)).toMatchObject([
      { change: { kind: 'drain', node: 'east-2' }, monthlySaving: 60_000_000_000_000n, confidence: 'medium' },
    ]);
  });

  it('leaves room for bursts, and users where they are near', () => {
    const full = (gb: number) => ({ users: users('east', 1), memoryBytes: gb * GB });
    const tight = placementCase(
      [node('east-1'), node('east-2')],
      [fn('a/a', { ...full(4), current: at('east-1') }), fn('a/b', { ...full(3), current: at('east-2') })],
    );
    expect(advise(tight)).toEqual([]);
    const far = placementCase(nodes, [
      fn('a/a', { users: users('east', 1_000), current: at('east-1') }),
      fn('a/b', { users: users('west', 1_000), current: at('west-1') }),
    ]);
    expect(advise(far)).toEqual([]);
    const broken = placementCase(nodes, [fn('a/a', { current: at('gone-1') })]);
    expect(advise(broken)).toEqual([]);
  });

  it('never empties a platform, and what it advises can be placed', () => {
    fc.assert(
      fc.property(anyCase({ nodes: 4, functions: 4 }), (problem) => {
        const placed = search.solve(problem, 1);
        if (violationsOf(problem, placed).length > 0) return;
        const functions = problem.functions.map((item) => ({ ...item, current: at(...(placed[item.id] ?? [])) }));
        const nodeMonth = Object.fromEntries(problem.nodes.map(({ name }) => [name, 1e6]));
        const gone = advise({ ...problem, functions }, nodeMonth).flatMap(({ change }) =>
          change.kind === 'drain' ? [change.node] : [],
        );
        expect(gone.length).toBeLessThan(problem.nodes.length);
        const left = {
          ...problem,
          functions,
          nodes: problem.nodes.map((item) =>
            gone.includes(item.name) ? { ...item, state: 'draining' as const } : item,
          ),
        };
        if (gone.length > 0) expect(violationsOf(left, search.solve(left, 1))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
