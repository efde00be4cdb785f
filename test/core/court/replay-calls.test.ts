import { START_KINDS } from '../../../core/start/start';
import { replayCalls } from '../../../core/court/replay-calls';
import { fixed } from '../../../core/warming/policies/fixed';
import { greedyDual } from '../../../core/warming/policies/greedy-dual';
import { none } from '../../../core/warming/policies/none';
import { presage } from '../../../core/warming/policies/presage';
import { seed } from '../../../core/warming/policies/seed';
import type { Hold, WarmingPolicy } from '../../../core/warming/warming-policy';
import { courtCalls, courtCase, courtFunction, courtNode, GIB, gotten, MINUTE } from './court-builder';

const holding = (...holds: Hold[]): WarmingPolicy => ({
  name: 'given',
  of: () => ({ slot: () => ({ release: () => holds, use: () => undefined }) }),
});
/** The controller learns of nothing before it is too late. */
const untold = { linger: 1_000, decision: 5_000, record: 100 * MINUTE };
const checkpoint = { from: 0, rawBytes: GIB, sealedBytes: GIB / 4 };

it('prices rests by the starts that were measured until then, as the platform did', () => {
  const calls = courtCalls([0], [2 * MINUTE], [4 * MINUTE], [6 * MINUTE]);
  const cold = START_KINDS.indexOf('cold');
  const measured = { kinds: new Uint8Array(4).fill(cold), waitMs: Float64Array.of(100, 100, 5_000, 5_000) };
  const prices: number[] = [];
  const watching: WarmingPolicy = {
    name: 'watching',
    of: (fn) => ({
      slot: () => ({
        release: () => {
          prices.push(Math.round(fn.rungs.at(-1)?.delaySeconds ?? 0));
          return [];
        },
        use: () => undefined,
      }),
    }),
  };
  const believed = { warm: 0.001, restore: 0.02, cold: 1 };
  replayCalls(courtCase({ ...calls, measured }, { functions: [courtFunction({ believed })] }), watching);
  const learned = prices.slice();
  prices.length = 0;
  replayCalls(courtCase({ ...calls, measured }), watching);
  expect(new Set(prices)).toEqual(new Set([1]));
  expect(learned[0]).toBe(1);
  expect(learned.at(-1)).toBe(2);
});

describe('the ladder', () => {
  it('starts from nothing, serves what lingers hot, and what sleeps warm', () => {
    const court = courtCase(courtCalls([0], [700], [5_000], [5_000 + 5 * MINUTE]));
    expect(gotten(replayCalls(court, fixed(600)))).toEqual([
      ['cold', 'first', 500],
      ['hot', null, 0],
      ['warm', 'expired', 2],
      ['warm', 'expired', 2],
    ]);
  });

  it('starts anew when the keep-alive is over, and says whether a policy had a say', () => {
    const calls = courtCalls([0], [20 * MINUTE]);
    expect(gotten(replayCalls(courtCase(calls, { delays: untold }), fixed(60)))[1]).toEqual(['cold', 'expired', 500]);
    expect(gotten(replayCalls(courtCase(calls), fixed(60)))[1]).toEqual(['cold', 'forecast-miss', 500]);
    expect(gotten(replayCalls(courtCase(calls), fixed(3_600)))[1]).toEqual(['warm', 'expired', 2]);
  });

  it('restores where there is a checkpoint, from the store where its image had to go', () => {
    const functions = [
      courtFunction({ checkpoint }),
      courtFunction({ checkpoint: { ...checkpoint, from: 10 * MINUTE }, warm: { id: 'g' } }),
    ];
    const court = courtCase(courtCalls([0], [20 * MINUTE, 100, 1], [30 * MINUTE]), {
      functions,
      nodes: [courtNode({ imageBytes: GIB })],
    });
    expect(gotten(replayCalls(court, none))).toEqual([
      ['restore', 'first', 20],
      ['restore', 'first', 20],
      ['restore', 'forecast-miss', 50],
    ]);
  });

  it('lets the instance of a deploy serve until its keep-alive is over', () => {
    const functions = [courtFunction({ joins: [MINUTE], keepAliveMs: 10 * MINUTE })];
    const calls = courtCalls([5 * MINUTE], [30 * MINUTE]);
    const court = { ...courtCase(calls, { functions }), window: { from: 0, to: 60 * MINUTE } };
    expect(gotten(replayCalls(court, fixed(600)))).toEqual([
      ['warm', 'first', 2],
      ['cold', 'forecast-miss', 500],
    ]);
    const late = [courtFunction({ joins: [-20 * MINUTE], keepAliveMs: 10 * MINUTE })];
    expect(gotten(replayCalls(courtCase(calls, { functions: late }), fixed(600)))[0]?.[0]).toBe('cold');
  });

  it('calls nothing the first start of a function that had served before', () => {
    const court = courtCase(courtCalls([0]), { functions: [courtFunction({ seen: true })] });
    expect(gotten(replayCalls(court, none))).toEqual([['cold', 'expired', 500]]);
  });

  it('finds hot what a policy keeps running or started ahead of time', () => {
    const running = holding({ from: 0, to: 300, rung: 'running' });
    const calls = courtCalls([0], [4 * MINUTE], [30 * MINUTE]);
    expect(gotten(replayCalls(courtCase(calls), running)).map(([kind]) => kind)).toEqual(['cold', 'hot', 'cold']);
    const ahead = holding({ from: 600, to: 1_200, rung: 'running' });
    const replayed = replayCalls(courtCase(courtCalls([0], [15 * MINUTE])), ahead);
    expect(gotten(replayed)[1]).toEqual(['hot', null, 0]);
    // Half a second's start ahead of its time, running until the call at 15 min, then at rest until 11 min after it.
    expect(replayed.meter.secondsOf(0, 'starting')).toBeCloseTo(1.5, 1);
    expect(replayed.meter.secondsOf(0, 'running')).toBeGreaterThan(295);
  });

  it('holds the declared minimum from the first decision on', () => {
    const court = courtCase(courtCalls([10 * MINUTE]), { functions: [courtFunction({ warm: { min: 2 } })] });
    const replayed = replayCalls(court, none);
    expect(gotten(replayed)).toEqual([['warm', 'first', 2]]);
    expect(replayed.meter.secondsOf(0, 'frozen')).toBeGreaterThan(2 * 59 * 60);
  });

  it('never freezes on a node that cannot', () => {
    const court = courtCase(courtCalls([0], [MINUTE]), { nodes: [courtNode({ canFreeze: false })] });
    const replayed = replayCalls(court, fixed(600));
    expect(gotten(replayed)[1]).toEqual(['hot', null, 0]);
    expect(replayed.meter.secondsOf(0, 'frozen')).toBe(0);
  });
});

describe('bursts', () => {
  it('share what one instance can serve at once', () => {
    const court = courtCase(courtCalls([0], [0], [0], [0]), {
      functions: [courtFunction({ warm: { concurrency: 4 } })],
    });
    expect(gotten(replayCalls(court, fixed(600))).map(([, , wait]) => wait)).toEqual([500, 500, 500, 500]);
    expect(replayCalls(court, fixed(600)).meter.secondsOf(0, 'busy')).toBeCloseTo(0.1);
  });

  it('are told apart from what nobody could know, and wait at the gates', () => {
    const nodes = [courtNode({ parallelRestores: 2, parallelColdStarts: 1 })];
    const calls = courtCalls([0], [20_000, 2_000], [21_000, 2_000], [21_000, 2_000]);
    const got = gotten(replayCalls(courtCase(calls, { nodes, delays: untold }), fixed(600)));
    expect(got.slice(1)).toEqual([
      ['warm', 'expired', 2],
      ['cold', 'burst', 500],
      ['cold', 'burst', 1_000],
    ]);
    // A policy had a say, and had promised one.
    expect(gotten(replayCalls(courtCase(calls, { nodes }), fixed(600)))[2]?.[1]).toBe('forecast-miss');
  });

  it('wait for an instance where there may be no more of them, and that is a hot start', () => {
    const court = courtCase(courtCalls([0, 1_000], [600, 1_000]), {
      functions: [courtFunction({ warm: { max: 1 } })],
    });
    const replayed = replayCalls(court, fixed(600));
    expect(gotten(replayed)).toEqual([
      ['cold', 'first', 500],
      ['hot', null, 900],
    ]);
    expect(replayed.outcomes.queueMs[1]).toBe(900);
  });

  it('of calls that take no time are served', () => {
    const court = courtCase(courtCalls([0, 0], [0, 0], [0, 0], [3_000, 0]));
    expect(gotten(replayCalls(court, presage)).map(([kind]) => kind)).toEqual(['cold', 'cold', 'hot', 'warm']);
  });
});

describe('a full node', () => {
  const functions = ['a', 'b', 'c'].map((id) => courtFunction({ warm: { id } }));
  const nodes = [courtNode({ memoryBytes: 2 * GIB })];
  const three = courtCalls([0, 100, 0], [5_000, 100, 1], [10_000, 100, 2], [20_000, 100, 0]);

  it('ends what was used longest ago, and says so', () => {
    const replayed = replayCalls(courtCase(three, { functions, nodes, delays: untold }), fixed(600));
    expect(gotten(replayed)[3]).toEqual(['cold', 'evicted', 500]);
    expect(replayed.evicted).toBe(2);
    expect(replayed.mostCommitted).toEqual([2 * GIB]);
  });

  it('ends what was promised after all else', () => {
    // At 10 s the controller has promised a; it does not know of b yet.
    expect(gotten(replayCalls(courtCase(three, { functions, nodes }), fixed(600)))[3]?.[0]).toBe('warm');
  });

  it('lets calls wait as long as all are in use', () => {
    const court = courtCase(courtCalls([0, 5_000, 0], [0, 5_000, 1], [1_000, 100, 2]), { functions, nodes });
    expect(gotten(replayCalls(court, fixed(600)))[2]).toEqual(['cold', 'first', 6_000]);
  });

  it('ends what a policy that ranks instances has the least use for', () => {
    // Used more often, a is worth more than b, though it was used longer ago.
    const calls = courtCalls([0], [5_000], [10_000], [15_000, 100, 1], [20_000, 100, 2], [25_000, 100, 0]);
    const got = gotten(replayCalls(courtCase(calls, { functions, nodes }), greedyDual));
    expect(got[5]?.[0]).toBe('warm');
  });

  it('starts nothing ahead of time that would cost somebody else what was promised', () => {
    const court = courtCase(three, {
      nodes,
      functions: functions.map((fn) => ({ ...fn, warm: { ...fn.warm, min: 1 } })),
    });
    const replayed = replayCalls(court, none);
    expect(replayed.mostCommitted).toEqual([2 * GIB]);
    expect(replayed.meter.secondsOf(0, 'frozen') + replayed.meter.secondsOf(1, 'frozen')).toBeGreaterThan(0);
  });
});

describe('forecasts', () => {
  const calls = courtCalls([0], [10 * MINUTE], [20 * MINUTE]);
  const flat = (value: number) => ({ mean: [value], quantiles: Array.from({ length: 8 }, () => [value]) });

  it('hold a pool where a policy makes one of them', () => {
    const court = courtCase(calls, { forecasts: () => flat(60) });
    expect(gotten(replayCalls(court, seed())).map(([kind]) => kind)).toEqual(['cold', 'warm', 'warm']);
    expect(replayCalls(court, seed()).meter.secondsOf(0, 'frozen')).toBeGreaterThan(3_000);
  });

  it('that are none are passed over', () => {
    const without = gotten(replayCalls(courtCase(calls), seed()));
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect(gotten(replayCalls(courtCase(calls, { forecasts: () => flat(value) }), seed()))).toEqual(without);
    }
    expect(replayCalls(courtCase(calls, { forecasts: () => flat(1e9) }), presage).mostCommitted[0]).toBeLessThanOrEqual(
      10 * GIB,
    );
  });
});

test('what came before the window is learned from, and not held against anyone', () => {
  const calls = courtCalls([0], [5_000], [40 * MINUTE]);
  const replayed = replayCalls(courtCase(calls, { window: { from: 30 * MINUTE, to: 60 * MINUTE } }), fixed(600));
  // From 40 min on: its start, its call, and its rest from then on.
  expect(replayed.meter.secondsOf(0, 'frozen')).toBeCloseTo(599, 0);
  expect(replayed.meter.secondsOf(0, 'starting')).toBeCloseTo(0.5);
});
