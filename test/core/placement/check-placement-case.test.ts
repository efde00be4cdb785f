import { isPlatformError, toPlatformError } from '../../../core/error/platform-error';
import { checkPlacementCase } from '../../../core/placement/check-placement-case';
import type { PlacementCase } from '../../../core/placement/placement-case';
import { DEFAULT_WEIGHTS } from '../../../core/placement/placement-prices';
import { call, fn, node, placementCase } from './placement-builder';

function problemsOf(problem: PlacementCase): string[] {
  try {
    checkPlacementCase(problem);
    return [];
  } catch (error) {
    expect(isPlatformError(error) && error.code).toBe('invalid_argument');
    return toPlatformError(error).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const two = [node('a'), node('b', { region: 'west' })];

it('lets pass what can be judged', () => {
  const users = [{ region: 'east', callsPerHour: 1 }];
  expect(problemsOf(placementCase(two, [fn('f', { users }), fn('g')], { calls: [call('f', 'g', 1)] }))).toEqual([]);
  expect(problemsOf(placementCase(two, []))).toEqual([]);
});

it.each([-1, Number.NaN, Infinity, '1' as unknown as number])('refuses a weight of %p', (user) => {
  expect(problemsOf(placementCase(two, [], { weights: { ...DEFAULT_WEIGHTS, user } }))).toEqual([
    'weights.user: must be a number from 0 on',
  ]);
});

it('refuses holes in the matrices, and says between whom', () => {
  const holes = { regionMs: [[1], [2, Number.NaN]], nodeMs: [[0, -3], [1, 0], [1]] };
  expect(problemsOf(placementCase(two, [], holes))).toEqual([
    'regionMs: east → b is missing',
    'regionMs: west → b is NaN, not a time in ms from 0 on',
    'nodeMs: 3 rows, not 2',
    'nodeMs: a → b is -3, not a time in ms from 0 on',
  ]);
});

it('tells all problems at once', () => {
  const problem = placementCase(
    [node('a'), node('a', { cpuMillis: -1 })],
    [
      fn('f', { users: [{ region: 'mars', callsPerHour: 1 }], tiers: [], instances: 0 }),
      fn('f', {
        data: [{ region: 'moon', tripsPerCall: 1, bytesPerCall: 0 }],
        regions: ['venus'],
        replicas: { min: 3, max: 2 },
      }),
    ],
    { calls: [call('f', 'f', 1), call('f', 'ghost', 1), call('f', 'ghost', 2)] },
  );
  expect(problemsOf(problem)).toEqual([
    expect.stringContaining('nodes.1.cpuMillis'),
    expect.stringContaining('functions.0.instances'),
    'functions.0.tiers: an empty list leaves no node',
    'functions.1.replicas: min is above max',
    'nodes.1: "a" is there twice',
    'functions.1: "f" is there twice',
    'functions.0.users.0: region "mars" is unknown',
    'functions.1.data.0: region "moon" is unknown',
    'functions.1.regions: region "venus" is unknown',
    'calls.2: "f → ghost" is there twice',
    'calls.0: "f" calls itself, which no placement changes',
    'calls.1: there is no function "ghost"',
    'calls.2: there is no function "ghost"',
  ]);
});

it('counts the problems that it does not name', () => {
  const many = Array.from({ length: 30 }, (_, index) => fn(`f${index}`, { memoryBytes: -1 }));
  expect(() => checkPlacementCase(placementCase(two, many))).toThrow(/30 problem\(s\).*and 10 more/s);
});
