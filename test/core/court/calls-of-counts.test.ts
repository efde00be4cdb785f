import { callsOfCounts } from '../../../core/court/calls-of-counts';

const one = { counts: [1, 0, 3, 1], executeMs: 50, executeSigma: 0.5 };
const other = { counts: [0, 2, 0, 0], executeMs: 10, executeSigma: 0 };

it('lays each count out in its minute, a single one always at the same second', () => {
  const { functions, at, executeMs } = callsOfCounts([one, other], 7);
  expect([...at]).toEqual([...at].sort((a, b) => a - b));
  const minutes = (index: number): number[] =>
    [...at].filter((_, call) => functions[call] === index).map((moment) => Math.floor(moment / 60_000));
  expect(minutes(0)).toEqual([0, 2, 2, 2, 3]);
  expect(minutes(1)).toEqual([1, 1]);
  const own = [...at].filter((_, call) => functions[call] === 0);
  expect((own.at(-1) ?? 0) % 60_000).toBeCloseTo((own[0] ?? 0) % 60_000);
  expect([...executeMs].filter((_, call) => functions[call] === 1)).toEqual([10, 10]);
});

it('gives equal calls for equal input, and others for another seed', () => {
  expect(callsOfCounts([one, other], 7)).toEqual(callsOfCounts([one, other], 7));
  expect(callsOfCounts([one, other], 8).at).not.toEqual(callsOfCounts([one, other], 7).at);
});
