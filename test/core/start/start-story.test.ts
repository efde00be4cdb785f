import fc from 'fast-check';
import type { InvocationResource } from '../../../cli/api-resources';
import { startStory, timeSlices } from '../../../core/start/start-story';

const invocation = (change: Partial<InvocationResource>): InvocationResource => ({
  id: 'i',
  at: '2026-01-01T00:00:00.000Z',
  function: 'hello',
  revision: 1,
  node: 'local',
  instance: 'x',
  method: 'GET',
  path: '/',
  status: 200,
  errorCode: null,
  kind: 'restore',
  cause: 'expired',
  queueMs: 1,
  startMs: 12,
  executeMs: 3,
  totalMs: 16,
  firstByteMs: 15,
  phases: {},
  cpuMicros: 1000,
  memoryByteMs: 1,
  bytesIn: 0,
  bytesOut: 1,
  userRegion: null,
  caller: null,
  ...change,
});

test('each phase has its place, and what none accounts for is named', () => {
  const phases = { admit: 0.5, wait: 12, agentQueue: 0.25, sandbox: 9, ready: 2, firstByte: 2, body: 1 };
  expect(timeSlices(invocation({ phases }))).toEqual([
    { part: 'platform', what: 'know the caller and choose the revision', ms: 0.5 },
    { part: 'start', what: 'wait for a free start slot', ms: 0.25 },
    { part: 'start', what: 'restore the sandbox', ms: 9 },
    { part: 'start', what: 'wait until the function listens', ms: 2 },
    { part: 'start', what: 'between gateway and agent', ms: 0.75 },
    { part: 'platform', what: 'hand the request over', ms: 0.5 },
    { part: 'function', what: 'the function, until its first byte', ms: 2 },
    { part: 'function', what: 'the rest of the answer', ms: 1 },
  ]);
});

test('one who came late to a start waited for less than all of it', () => {
  const phases = { admit: 0, wait: 4, sandbox: 9, ready: 2, firstByte: 1, body: 0 };
  expect(timeSlices(invocation({ phases, totalMs: 5 }))).toEqual([
    { part: 'start', what: 'wait for a start that was under way', ms: 4 },
    { part: 'function', what: 'the function, until its first byte', ms: 1 },
  ]);
});

test('whatever the phases say, the slices sum to the total', () => {
  const ms = fc.double({ min: 0, max: 1000, noNaN: true });
  const phases = fc.record(
    { admit: ms, wait: ms, agentQueue: ms, sandbox: ms, ready: ms, firstByte: ms, body: ms },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(phases, ms, (given, totalMs) => {
      const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const slices = timeSlices(invocation({ phases: known, totalMs }));
      for (const slice of slices) expect(slice.ms).toBeGreaterThan(0);
      const covered = slices.reduce((sum, slice) => sum + slice.ms, 0);
      expect(covered).toBeLessThanOrEqual(totalMs + 1e-6);
      const inFunction = (given.firstByte ?? 0) + (given.body ?? 0);
      // All of it, unless the function's own phases begin before the rest could end.
      if (inFunction <= totalMs) expect(Math.abs(covered - totalMs)).toBeLessThan(0.01);
    }),
  );
});

test('the story names how and why', () => {
  expect(startStory({ kind: 'hot', cause: null })).toBe('hot: a running instance was free.');
  expect(startStory({ kind: 'cold', cause: 'first' })).toMatch(/started from nothing, because .*first/);
  expect(startStory({ kind: null, cause: null })).toBe('It reached no instance.');
});
