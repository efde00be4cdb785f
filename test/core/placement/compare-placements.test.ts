import * as fc from 'fast-check';
import { comparePlacements } from '../../../core/placement/compare-placements';
import { DEFAULT_MOVE_RULES, moveRulesSchema } from '../../../core/placement/move-rules';
import type { Placement, PlacementFunction } from '../../../core/placement/placement-case';
import { search } from '../../../core/placement/solvers/search';
import { violationsOf } from '../../../core/placement/violations';
import { anyCase, call, fn, GB, node, placementCase } from './placement-builder';

const users = (region: string, callsPerHour: number) => [{ region, callsPerHour }];
const nodes = [node('east-1'), node('west-1', { region: 'west' })];
const rules = { ...DEFAULT_MOVE_RULES, leastSaving: 10_000, leastShare: 0 };
const at = (name: string, secondsSinceMove: number | null = null) => ({ nodes: [name], secondsSinceMove });

/** One function that is in the west and has its users in the east: each call an hour is worth 950 micro-dollars an hour. */
function misplaced(callsPerHour: number, changes: Partial<PlacementFunction> = {}) {
  const problem = placementCase(nodes, [
    fn('f', { users: users('east', callsPerHour), current: at('west-1'), ...changes }),
  ]);
  return comparePlacements(problem, { f: ['west-1'] }, { f: ['east-1'] }, rules);
}

it('moves what saves enough, and says what and why', () => {
  const { moves, held, before, after } = misplaced(1_000);
  expect(moves).toEqual([
    expect.objectContaining({
      function: 'f',
      from: ['west-1'],
      to: ['east-1'],
      forced: false,
      waitsFor: [],
      costsOnce: 0,
    }),
  ]);
  expect(moves[0]!.savesPerHour).toBeCloseTo(950_000);
  expect(moves[0]!.reason).toBe('f saves $0.95 an hour: its users are 5 ms from east-1 instead of 100 ms from west-1');
  expect(before.total - after.total).toBeCloseTo(950_000);
  expect(held).toEqual([]);
});

it('leaves what saves too little', () => {
  const { moves, held } = misplaced(10);
  expect(moves).toEqual([]);
  expect(held).toEqual([
    {
      function: 'f',
      to: ['east-1'],
      savesPerHour: expect.closeTo(9_500, 3),
      reason: 'would save $0.0095 an hour, not $0.01',
    },
  ]);
});

it('takes what the move costs off what it saves', () => {
  const move = { bytes: 0, seconds: 0, waitSeconds: 60 };
  const [first] = misplaced(1_000, { move }).moves;
  expect(first).toMatchObject({ costsOnce: 600_000, savesPerHour: expect.closeTo(850_000, 3) });
  expect(first!.reason).toContain('$0.1 of it for the move already taken off');
  expect(misplaced(100, { move }).moves).toEqual([]);
});

it('lets a function rest after a move, unless much is to be saved', () => {
  const recent = { current: at('west-1', 60) };
  expect(misplaced(20, { current: at('west-1', 7_200) }).moves).toHaveLength(1);
  expect(misplaced(20, recent).held[0]!.reason).toContain('moved less than 1800 s ago');
  expect(misplaced(1_000, recent).moves).toHaveLength(1);
});

it.each(['draining', 'lost'] as const)('moves what is on a node that is %s, whatever it costs', (state) => {
  const problem = placementCase(
    [nodes[0]!, node('west-1', { region: 'west', state })],
    [fn('f', { users: users('west', 1_000), current: at('west-1', 5) })],
  );
  const [move] = comparePlacements(problem, { f: ['west-1'] }, { f: ['east-1'] }, rules).moves;
  expect(move).toMatchObject({ forced: true, reason: `f must leave: west-1 is ${state}` });
  expect(move!.savesPerHour).toBeLessThan(0);
});

it('moves what is on a node that nobody knows any more, and places what is new', () => {
  const problem = placementCase(nodes, [fn('f', { current: at('gone-1') }), fn('g')]);
  const { moves } = comparePlacements(problem, { f: ['gone-1'] }, { f: ['east-1'], g: ['west-1'] }, rules);
  expect(moves.map(({ reason }) => reason).sort()).toEqual([
    'f must leave: gone-1 is gone',
    'g must leave: it sits nowhere yet',
  ]);
});

it('takes the best first, and no more than the rules allow', () => {
  const functions = [100, 300, 200].map((rate, index) =>
    fn(`f${index}`, { users: users('east', rate), current: at('west-1') }),
  );
  const from = { f0: ['west-1'], f1: ['west-1'], f2: ['west-1'] };
  const to = { f0: ['east-1'], f1: ['east-1'], f2: ['east-1'] };
  const { moves, held } = comparePlacements(placementCase(nodes, functions), from, to, { ...rules, most: 2 });
  expect(moves.map((move) => move.function)).toEqual(['f1', 'f2']);
  expect(held[0]!.reason).toBe('waits for the next plan: this one has its 2 moves');
});

it('moves others first where room is needed, though that alone saves nothing', () => {
  const full = [node('east-1', { memoryBytes: 2 * GB }), node('west-1', { region: 'west' })];
  const functions = [
    fn('busy', { users: users('east', 1_000), memoryBytes: 2 * GB, current: at('west-1') }),
    fn('quiet', { users: users('east', 10), memoryBytes: 2 * GB, current: at('east-1') }),
  ];
  const { moves } = comparePlacements(
    placementCase(full, functions),
    { busy: ['west-1'], quiet: ['east-1'] },
    { busy: ['east-1'], quiet: ['west-1'] },
    rules,
  );
  expect(moves.map((move) => move.function)).toEqual(['quiet', 'busy']);
  expect(moves[1]).toMatchObject({ waitsFor: ['quiet'] });
  expect(moves[0]!.reason).toBe('quiet moves together with busy, which saves $0.941 an hour from here on');
});

it('says where no order of moves finds room', () => {
  const full = nodes.map((each) => ({ ...each, memoryBytes: GB }));
  const functions = [
    fn('f', { users: users('east', 1_000), current: at('west-1') }),
    fn('g', { users: users('west', 1_000), current: at('east-1') }),
  ];
  const { moves, held } = comparePlacements(
    placementCase(full, functions),
    { f: ['west-1'], g: ['east-1'] },
    { f: ['east-1'], g: ['west-1'] },
    rules,
  );
  expect(moves).toEqual([]);
  expect(held.map(({ reason }) => reason)).toEqual([
    'finds no room on east-1 at any step, whichever of the others moves first',
    'finds no room on west-1 at any step, whichever of the others moves first',
  ]);
});

it('moves functions that call each other together, where one alone would lose', () => {
  const functions = ['f', 'g'].map((id) => fn(id, { users: users('east', 100), current: at('west-1') }));
  const problem = placementCase(nodes, functions, { calls: [call('f', 'g', 1_000)] });
  const { moves } = comparePlacements(
    problem,
    { f: ['west-1'], g: ['west-1'] },
    { f: ['east-1'], g: ['east-1'] },
    rules,
  );
  expect(moves).toHaveLength(2);
});

it('finds room for each step, in the order of the moves, and never plans at a loss', () => {
  const start = (problem: Parameters<typeof search.solve>[0]): Placement =>
    search.solve({ ...problem, weights: { user: 0, data: 0, calls: 0, resources: 1, migration: 0 } }, 1);
  fc.assert(
    fc.property(anyCase({ nodes: 5, functions: 8, replicas: 2 }), (problem) => {
      const [current, next] = [start(problem), search.solve(problem, 1)];
      if (violationsOf(problem, current).length + violationsOf(problem, next).length > 0) return;
      const { moves, before, after, placement } = comparePlacements(problem, current, next, rules);
      let step: Placement = current;
      for (const move of moves) {
        expect(step[move.function]).toEqual(move.from);
        step = { ...step, [move.function]: move.to };
        expect(violationsOf(problem, step)).toEqual([]);
      }
      expect(placement).toEqual(step);
      expect(after.total).toBeLessThanOrEqual(before.total);
    }),
    { numRuns: 100 },
  );
});

it('has rules that can be told from outside', () => {
  expect(moveRulesSchema.parse(DEFAULT_MOVE_RULES)).toEqual(DEFAULT_MOVE_RULES);
  expect(moveRulesSchema.safeParse({ ...DEFAULT_MOVE_RULES, leastSaving: -1 }).success).toBe(false);
});
