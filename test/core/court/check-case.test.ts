import { checkCase } from '../../../core/court/check-case';
import type { CourtCase } from '../../../core/court/court-case';
import { judge } from '../../../core/court/judge';
import { toPlatformError } from '../../../core/error/platform-error';
import { courtCalls, courtCase, courtFunction, courtNode, GIB } from './court-builder';

function problemsOf(court: CourtCase): string[] {
  try {
    checkCase(court);
    return [];
  } catch (error) {
    return toPlatformError(error).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

it('lets pass what can be replayed', () => {
  expect(problemsOf(courtCase(courtCalls([0], [0], [5])))).toEqual([]);
  expect(judge(courtCase(courtCalls()), [])).toEqual([]);
});

it('refuses calls out of order, and says what may have happened', () => {
  expect(problemsOf(courtCase(courtCalls([10], [4])))).toEqual([
    'calls.1.at: 4 is before the call ahead of it (10): the clock went back, or the calls are not sorted',
  ]);
  expect(() => judge(courtCase(courtCalls([10], [4])), [])).toThrow('sort the calls by their arrival');
});

it('tells all problems at once', () => {
  const court = courtCase(courtCalls([0, -1], [Number.NaN, 5], [1, 5, 7]), {
    functions: [
      courtFunction({ warm: { min: 3, max: 2 } }),
      courtFunction({ warm: { memoryGb: Number.NaN }, starts: { warm: [], local: [1], remote: [1], cold: [1] } }),
    ],
    window: { from: 5, to: 5 },
  });
  expect(problemsOf(court)).toEqual([
    'functions.0.warm.min: min 3 is above max 2',
    expect.stringContaining('functions.1.warm.memoryGb'),
    'functions.1.starts.warm: must have a measured time, in milliseconds',
    'window: from must be before to',
    'calls.0.executeMs: -1 is no time from 0 on',
    'calls.1.at: NaN is no moment',
    'calls.2.functions: there is no function 7',
  ]);
});

it('refuses measured waits that are not those of the calls', () => {
  const calls = courtCalls([0], [5]);
  const kinds = (...all: number[]) => ({ kinds: Uint8Array.from(all), waitMs: new Float64Array(all.length) });
  expect(problemsOf(courtCase({ ...calls, measured: kinds(0, 3) }))).toEqual([]);
  expect(problemsOf(courtCase({ ...calls, measured: kinds(0) }))).toEqual(['calls: the columns are not equally long']);
  expect(problemsOf(courtCase({ ...calls, measured: kinds(0, 9) }))).toEqual([
    'calls.1.measured.kinds: there is no kind of start 9',
  ]);
});

it('refuses functions that are there twice, on no node, or larger than theirs', () => {
  const court = courtCase(courtCalls(), {
    functions: [
      courtFunction(),
      courtFunction({ node: 2 }),
      courtFunction({ warm: { id: 'g' }, memoryBytes: 9 * GIB }),
    ],
    nodes: [courtNode({ memoryBytes: 8 * GIB })],
  });
  expect(problemsOf(court)).toEqual([
    'functions.1.warm.id: "f" is there twice',
    'functions.1.node: there is no node 2',
    `functions.2.memoryBytes: ${9 * GIB} is more than the whole node 0 has (${8 * GIB})`,
  ]);
});

it('refuses columns of different length', () => {
  const calls = { ...courtCalls([0], [1]), executeMs: Float64Array.from([1]) };
  expect(problemsOf(courtCase(calls))).toEqual(['calls: the columns are not equally long']);
});

it('names twenty problems at most', () => {
  const bad = courtCalls(...Array.from({ length: 50 }, () => [0, -1] as const));
  expect(problemsOf(courtCase(bad))).toHaveLength(20);
});
