import { MemoryWatch } from '../../../agent/usage/memory-watch';
import { Instance } from '../../../agent/instance/instance';
import type { MemoryHour } from '../../../drivers/store/advice-store';
import { runSpec } from '../agent-harness';

const MIB = 2 ** 20;
const TEN = Date.parse('2026-03-08T10:59:50Z');

beforeEach(() => jest.useFakeTimers({ now: TEN }));
afterEach(() => jest.useRealTimers());

function watched() {
  const instance = new Instance({ run: runSpec('pay'), kind: 'cold', role: 'pool', id: 'i1' });
  instance.state = 'idle';
  const state = { bytes: 40 * MIB, peak: (45 * MIB) as number | undefined, away: false };
  const written: MemoryHour[] = [];
  const watch = new MemoryWatch({
    node: 'local',
    instances: new Map([['i1', instance]]),
    driver: {
      stats: () => Promise.resolve({ cpuMicros: 0, memoryBytes: state.bytes, pids: 1, ...(state.peak === undefined ? {} : { peakBytes: state.peak }) }), // prettier-ignore
    },
    sink: {
      writeMemoryHours: (batch) => {
        if (state.away) return Promise.reject(new Error('away'));
        written.push(...batch);
        return Promise.resolve();
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return { instance, state, written, watch };
}

it('tells each hour what was seen so far, with the kernel’s peak where that is no page cache', async () => {
  const { written, state, watch } = watched();
  await jest.advanceTimersByTimeAsync(5_000);
  state.peak = 99 * MIB;
  await jest.advanceTimersByTimeAsync(55_000);
  const [first, second] = written;
  expect(first).toMatchObject({ revisionId: 'rev-pay-1', node: 'local', hour: new Date('2026-03-08T10:00:00Z') });
  expect(first?.looks).toMatchObject({ samples: 1, peakBytes: 45 * MIB });
  expect(second).toMatchObject({ hour: new Date('2026-03-08T11:00:00Z'), looks: { samples: 10, peakBytes: 40 * MIB } });
  await watch.stop();
});

it('looks at nothing that starts, and keeps what the store refuses', async () => {
  const { instance, written, state, watch } = watched();
  instance.state = 'starting';
  await jest.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([]);
  instance.state = 'leased';
  state.away = true;
  await jest.advanceTimersByTimeAsync(60_000);
  state.away = false;
  await watch.stop();
  expect(written).toMatchObject([{ looks: { samples: 12 } }]);
});
