import fc from 'fast-check';
import type { CourtCalls, CourtCase } from '../../../core/court/court-case';
import { judge } from '../../../core/court/judge';
import { replayCalls } from '../../../core/court/replay-calls';
import { verdictJson } from '../../../core/court/verdict-json';
import { fixed } from '../../../core/warming/policies/fixed';
import { policyOf } from '../../../core/warming/policies/policy-of';
import { courtCalls, courtCase, courtFunction, courtNode, GIB, MINUTE } from './court-builder';

const FUNCTIONS = 4;
const policies = fc.constantFrom('none', 'fixed:1m', 'fixed:10m', 'hybrid-histogram', 'greedy-dual', 'seed', 'presage');
const calls = fc
  .array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 60 * MINUTE }), fc.integer({ min: 0, max: 5_000 })),
      fc.integer({ min: 0, max: 20_000 }),
      fc.nat(FUNCTIONS - 1),
    ),
    { maxLength: 60 },
  )
  .map((some) => courtCalls(...some.sort(([a], [b]) => a - b)));
const cases = fc
  .record({
    calls,
    nodeGib: fc.integer({ min: 3, max: 12 }),
    gates: fc.integer({ min: 1, max: 3 }),
    canFreeze: fc.boolean(),
    functions: fc.array(
      fc.record({
        concurrency: fc.integer({ min: 1, max: 3 }),
        max: fc.integer({ min: 1, max: 4 }),
        min: fc.nat(1),
        gib: fc.integer({ min: 1, max: 3 }),
        published: fc.option(fc.integer({ min: 0, max: 60 * MINUTE })),
      }),
      { minLength: FUNCTIONS, maxLength: FUNCTIONS },
    ),
    expected: fc.option(fc.constantFrom(0, 3, 200, 1e9, Number.NaN)),
  })
  .map((parts): CourtCase => {
    const { expected } = parts;
    return courtCase(parts.calls, {
      nodes: [
        courtNode({
          memoryBytes: parts.nodeGib * GIB,
          imageBytes: GIB,
          parallelRestores: parts.gates,
          parallelColdStarts: parts.gates,
          canFreeze: parts.canFreeze,
        }),
      ],
      functions: parts.functions.map(({ concurrency, max, min, gib, published }, index) =>
        courtFunction({
          warm: { id: `f${index}`, concurrency, max, min },
          memoryBytes: gib * GIB,
          checkpoint: published === null ? null : { from: published, rawBytes: GIB / 2, sealedBytes: GIB / 8 },
          starts: { warm: [2, 3], local: [20, 30], remote: [50], cold: [500, 900] },
        }),
      ),
      forecasts:
        expected === null ? null : () => ({ mean: [expected], quantiles: Array.from({ length: 8 }, () => [expected]) }),
    });
  });

it('serves each call once, with a cause unless it was hot, and never promises more memory than there is', () => {
  fc.assert(
    fc.property(cases, policies, (court, name) => {
      const { outcomes, mostCommitted } = replayCalls(court, policyOf(name));
      expect(mostCommitted[0]).toBeLessThanOrEqual(court.nodes[0]?.memoryBytes ?? 0);
      expect(outcomes.served).toBe(court.calls.at.length);
      court.calls.at.forEach((at, call) => {
        const kind = outcomes.kindOf(call);
        const wait = outcomes.waitMs[call] as number;
        const queued = outcomes.queueMs[call] as number;
        expect(kind).toBeDefined();
        expect(outcomes.causeOf(call) === null).toBe(kind === 'hot');
        expect(wait).toBeGreaterThanOrEqual(0);
        // The phases: what was not spent in a queue was spent on a start of that kind, or on what was left of one.
        expect(queued).toBeGreaterThanOrEqual(0);
        const longest = { hot: 0, warm: 3, restore: 50, cold: 900 }[kind ?? 'hot'];
        expect(wait - queued).toBeLessThanOrEqual(longest + 1e-6);
        expect(outcomes.endAt[call]).toBeCloseTo(at + wait + (court.calls.executeMs[call] as number), 6);
      });
    }),
    { numRuns: 150 },
  );
});

it('gives the same bytes for the same recording', () => {
  fc.assert(
    fc.property(cases, policies, (court, name) => {
      const once = verdictJson(judge(court, [policyOf(name), policyOf('presage')]));
      expect(verdictJson(judge(court, [policyOf(name), policyOf('presage')]))).toBe(once);
    }),
    { numRuns: 20 },
  );
});

it('holds each instance for one thing at a time', () => {
  fc.assert(
    fc.property(calls, (some: CourtCalls) => {
      const court = courtCase(some, { functions: Array.from({ length: FUNCTIONS }, (_, index) => once(index)) });
      const { meter } = replayCalls(court, fixed(86_400));
      for (let index = 0; index < FUNCTIONS; index++) {
        const first = some.functions.indexOf(index);
        const held = (['starting', 'busy', 'running', 'frozen'] as const).reduce(
          (sum, state) => sum + meter.secondsOf(index, state),
          0,
        );
        // One instance at most, from its first call to the end of the window.
        const lifetime = first < 0 ? 0 : (court.window.to - (some.at[first] as number)) / 1000;
        expect(held).toBeCloseTo(Math.max(0, lifetime), 6);
      }
    }),
    { numRuns: 50 },
  );
});

/** At most one instance, which nothing ends. */
function once(index: number): ReturnType<typeof courtFunction> {
  return courtFunction({ warm: { id: `f${index}`, max: 1 }, keepAliveMs: 1e9 });
}

it('starts anew exactly what was idle for longer than its keep-alive, where calls come one at a time', () => {
  // Rests of whole seconds, and a keep-alive between two of them: no rest is as long as the keep-alive to the millisecond.
  const rests = fc.array(fc.integer({ min: 1, max: 1_200 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rests, fc.integer({ min: 2, max: 900 }), (seconds, keep) => {
      const keepAliveMs = 1_000 * keep + 500;
      const at: number[] = [0];
      // Each call ends before the next one comes, even where it had to start: the rest is what lies between.
      for (const rest of seconds) at.push((at.at(-1) ?? 0) + 600 + 1_000 * rest);
      const { outcomes } = replayCalls(
        courtCase(courtCalls(...at.map((moment) => [moment, 100] as const)), {
          functions: [courtFunction({ keepAliveMs })],
          delays: { linger: 1_000, decision: 5_000, record: 1e9 },
        }),
        fixed(600),
      );
      let end = 600;
      at.slice(1).forEach((moment, index) => {
        const idle = moment - end;
        // What lingers at the gateway when the call comes runs still.
        const kind = idle >= Math.max(1_000, keepAliveMs) ? 'cold' : idle >= 1_000 ? 'warm' : 'hot';
        expect(outcomes.kindOf(index + 1)).toBe(kind);
        end = moment + 100 + { hot: 0, warm: 2, cold: 500 }[kind];
      });
    }),
    { numRuns: 100 },
  );
});

it('ends no more instances for want of memory where there is more of it', () => {
  // Of equal instances, one at a time, the least recently used goes first: its victims shrink with the room (Mattson, 1970).
  const turns = fc.array(fc.nat(9), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(turns, fc.integer({ min: 1, max: 9 }), (order, gib) => {
      const evictions = (room: number): number =>
        replayCalls(
          courtCase(courtCalls(...order.map((fn, turn) => [turn * 3_000, 100, fn] as const)), {
            functions: Array.from({ length: 10 }, (_, index) => once(index)),
            nodes: [courtNode({ memoryBytes: room * GIB })],
            delays: { linger: 1_000, decision: 5_000, record: 1e9 },
          }),
          fixed(600),
        ).evicted;
      expect(evictions(gib + 1)).toBeLessThanOrEqual(evictions(gib));
    }),
    { numRuns: 60 },
  );
});
