import fc from 'fast-check';
import { HeldMeter } from '../../../agent/held/held-meter';
import { Instance } from '../../../agent/instance/instance';
import { INSTANCE_STATES } from '../../../core/agent/instance-state';
import { PLATFORM_ID, type HeldRow } from '../../../core/cost/warmth/held-row';
import { runSpec } from '../agent-harness';

const START = Date.parse('2026-03-04T05:06:00.000Z');
const BYTES = BigInt(100 * 2 ** 20);

function setUp() {
  const clock = { now: START };
  const meter = new HeldMeter(() => clock.now);
  const instanceOf = (name: string): Instance => {
    const instance = new Instance({ run: runSpec(name), kind: 'cold', role: 'pool' });
    instance.onState = (changed) => meter.follow(changed);
    return instance;
  };
  return { clock, meter, instanceOf };
}

const brief = (rows: readonly HeldRow[]) =>
  rows.map(({ functionId, minute, runningByteMs, frozenByteMs, sharedByteMs }) => [
    functionId,
    minute.getTime() - START,
    ...[runningByteMs / BYTES, frozenByteMs / BYTES, sharedByteMs].map(Number),
  ]);

test('what is in use, or starts, is not counted; what rests is, by its state and minute', () => {
  const { clock, meter, instanceOf } = setUp();
  const instance = instanceOf('f');
  clock.now += 1_000;
  instance.state = 'idle';
  clock.now += 2_000;
  instance.state = 'leased';
  clock.now += 30_000;
  instance.state = 'idle';
  instance.state = 'freezing';
  clock.now += 3;
  instance.state = 'frozen';
  clock.now = START + 90_000;
  expect(brief(meter.take())).toEqual([
    ['fn-f', 0, 2_000, 27_000, 0],
    ['fn-f', 60_000, 0, 30_000, 0],
  ]);
  clock.now += 10_000;
  instance.state = 'stopping';
  instance.becomeGone();
  clock.now += 10_000;
  expect(brief(meter.take())).toEqual([['fn-f', 60_000, 0, 10_000, 0]]);
  expect(meter.take()).toEqual([]);
  expect(meter.heldGbSeconds.running).toBeCloseTo(0.1048576 * 2);
  expect(meter.heldGbSeconds.frozen).toBeCloseTo(0.1048576 * 67);
});

test('of any course of states the rows give the time at rest exactly, however often it is reported', () => {
  const step = fc.record({ state: fc.constantFrom(...INSTANCE_STATES), ms: fc.nat(40_000), report: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { clock, meter, instanceOf } = setUp();
      const instance = instanceOf('f');
      const rows: HeldRow[] = [];
      let running = 0n;
      let frozen = 0n;
      for (const { state, ms, report } of steps) {
        instance.state = state;
        clock.now += ms;
        if (state === 'idle' || state === 'checkpointing') running += BigInt(ms);
        if (state === 'freezing' || state === 'frozen') frozen += BigInt(ms);
        if (report) rows.push(...meter.take());
      }
      rows.push(...meter.take());
      expect(rows.reduce((sum, row) => sum + row.runningByteMs, 0n)).toBe(running * BYTES);
      expect(rows.reduce((sum, row) => sum + row.frozenByteMs, 0n)).toBe(frozen * BYTES);
    }),
  );
});

describe('runtimes booted ahead', () => {
  const blank = (id: string) => ({ id, runtime: 'nodejs', network: 'egress', memoryBytes: 10 }) as const;

  test('are split over the functions that took some during the last hour', () => {
    const { clock, meter } = setUp();
    meter.blankCame(blank('a'));
    meter.blankCame(blank('b'));
    clock.now += 4_000;
    meter.blankWent(blank('a'));
    meter.started(runSpec('f'), true);
    meter.started(runSpec('g'), false);
    clock.now += 6_000;
    expect(brief(meter.take())).toEqual([['fn-f', 0, 0, 0, 140_000]]);
    meter.started(runSpec('g'), true);
    clock.now += 60_000;
    meter.blankWent(blank('b'));
    expect(brief(meter.take())).toEqual([
      ['fn-f', 0, 0, 0, 250_000],
      ['fn-g', 0, 0, 0, 250_000],
      ['fn-f', 60_000, 0, 0, 50_000],
      ['fn-g', 60_000, 0, 0, 50_000],
    ]);
  });

  test('that nobody took are split over the functions that were started cold, or are the platform’s own', () => {
    const { clock, meter } = setUp();
    meter.blankCame(blank('a'));
    clock.now += 1_000;
    expect(meter.take()).toMatchObject([{ tenant: null, functionId: PLATFORM_ID, sharedByteMs: 10_000n }]);
    meter.started(runSpec('f'), false);
    meter.started(runSpec('f'), false);
    meter.started(runSpec('g'), false);
    clock.now += 3_000;
    expect(brief(meter.take())).toEqual([
      ['fn-f', 0, 0, 0, 20_000],
      ['fn-g', 0, 0, 0, 10_000],
    ]);
    clock.now += 61 * 60_000;
    const rows = meter.take();
    expect(new Set(rows.map(({ functionId }) => functionId))).toEqual(new Set([PLATFORM_ID]));
  });
});
