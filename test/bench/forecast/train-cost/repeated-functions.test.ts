import { repeatedFunctions } from '../../../../bench/forecast/train-cost/repeated-functions';

const traced = (id: string, length: number) => ({
  id,
  tier: 'T2',
  pattern: 'unknown',
  core: true,
  firstMinute: 1_000,
  profile: null,
  counts: Float64Array.from({ length }, (_, minute) => minute),
});

test('first the last minutes of each, then the same again from earlier ones', () => {
  const made = repeatedFunctions([traced('a', 3_000), traced('b', 3_000)], 6, 1_000);
  expect(made.map(({ counts }) => counts[0])).toEqual([2_000, 2_000, 1_603, 1_603, 1_206, 1_206]);
  expect(made.map(({ counts }) => counts.length)).toEqual(Array.from({ length: 6 }, () => 1_000));
  expect(made[2]?.firstMinute).toBe(2_603);
  expect(new Set(made.map(({ functionId }) => functionId)).size).toBe(6);
});

test('a trace that is shorter than wanted is taken whole', () => {
  const made = repeatedFunctions([traced('a', 300)], 2, 1_000);
  expect(made.map(({ counts, firstMinute }) => [counts.length, firstMinute])).toEqual([
    [300, 1_000],
    [300, 1_000],
  ]);
});
