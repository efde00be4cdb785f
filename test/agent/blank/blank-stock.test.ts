import fc from 'fast-check';
import { BlankStock } from '../../../agent/blank/blank-stock';
import { HeldMeter } from '../../../agent/held/held-meter';
import { MemoryBudget } from '../../../core/agent/memory-budget';
import { StartGate } from '../../../core/agent/start-gate';
import { PlatformError } from '../../../core/error/platform-error';
import type { BlankKind, BlankSandbox } from '../../../drivers/sandbox/blank';
import { runSpec } from '../agent-harness';

const MIB = 2 ** 20;
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const wanted = (runtime: BlankKind['runtime'], network: BlankKind['network'] = 'egress') =>
  runSpec('f', { runtime, network });

/** A stock over a driver that only counts. */
function setUp(options: { capacity?: number; perKind?: number; quiet?: () => boolean } = {}) {
  const alive = new Set<string>();
  const failures: PlatformError[] = [];
  const memory = new MemoryBudget(options.capacity ?? 1024 * MIB);
  const gate = new StartGate(4);
  let tries = 0;
  const driver = {
    startBlank: async (id: string, kind: BlankKind): Promise<BlankSandbox> => {
      tries += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
      const error = failures.shift();
      if (error) throw error;
      alive.add(id);
      return { ...kind, id, memoryBytes: (kind.runtime === 'nodejs' ? 10 : 6) * MIB };
    },
    destroy: (id: string): Promise<void> => Promise.resolve(void alive.delete(id)),
  };
  const { perKind = 1, quiet = () => true } = options;
  const meter = new HeldMeter();
  const stock = new BlankStock({ driver, memory, gate, perKind, quiet, meter, log: LOG });
  stock.open();
  return { stock, alive, failures, memory, gate, meter, tries: () => tries };
}

describe('BlankStock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  test('keeps one of each kind, counts what they use, and replaces what was taken', async () => {
    const { stock, alive, memory } = setUp();
    await pass(2_000);
    expect([stock.count, stock.bytes, memory.committed]).toEqual([4, 32 * MIB, 32 * MIB]);
    const id = stock.take(wanted('nodejs'));
    expect(alive).toContain(id);
    expect(stock.take(wanted('nodejs'))).toBeNull();
    expect([stock.count, memory.committed]).toEqual([3, 22 * MIB]);
    await pass(2_000);
    expect([stock.count, memory.committed]).toEqual([4, 32 * MIB]);
    await stock.close();
    expect([...alive, memory.committed]).toEqual([id, 0]);
  });

  test('one that a function cannot become is not taken for it', async () => {
    const { stock } = setUp();
    await pass(2_000);
    expect(stock.take(runSpec('f', { env: { TZ: 'UTC' } }))).toBeNull();
    const quiet = stock.take(wanted('nodejs', 'none'));
    expect(quiet).not.toBeNull();
    expect(stock.take(wanted('nodejs', 'none'))).toBeNull();
    expect(stock.take(wanted('nodejs'))).not.toBe(quiet);
    expect(stock.take(runSpec('f', { runtime: 'http', network: 'egress' }))).toBeNull();
    expect(stock.count).toBe(2);
  });

  test('0 keeps none', async () => {
    const { stock, tries } = setUp({ perKind: 0 });
    await pass(10_000);
    expect([stock.count, tries()]).toEqual([0, 0]);
  });

  test('none is made while somebody waits, while starts fill the gate, or without memory to spare', async () => {
    let quiet = false;
    const { stock, gate, memory, tries } = setUp({ quiet: () => quiet });
    await pass(5_000);
    expect(tries()).toBe(0);
    quiet = true;
    gate.take();
    gate.take();
    await pass(5_000);
    expect(tries()).toBe(0);
    gate.leave();
    memory.commit(850 * MIB);
    await pass(5_000);
    expect(tries()).toBe(0);
    memory.release(850 * MIB);
    await pass(10_000);
    expect(stock.count).toBe(4);
  });

  test('eviction gives their memory, no more than is asked for, and none is made again for a while', async () => {
    const { stock, alive, memory } = setUp({ perKind: 2 });
    await pass(3_000);
    expect(stock.bytes).toBe(64 * MIB);
    await stock.evict(12 * MIB);
    expect([stock.count, alive.size, memory.committed]).toEqual([6, 6, 44 * MIB]);
    await pass(20_000);
    expect(stock.count).toBe(6);
    await pass(20_000);
    expect(stock.count).toBe(8);
    await stock.evict(0);
    expect(stock.count).toBe(8);
  });

  test('a failure is tried again later, what can never be is not', async () => {
    const { stock, failures, memory, gate, tries } = setUp();
    failures.push(new PlatformError('unsupported', 'no node'), new PlatformError('start_failed', 'not today'));
    await pass(40_000);
    expect([stock.count, tries(), memory.committed, gate.free]).toEqual([0, 2, 0, 4]);
    await pass(100_000);
    expect([stock.count, tries()]).toEqual([2, 4]);
    expect(stock.take(wanted('python'))).not.toBeNull();
  });

  test('closing ends one that is being made', async () => {
    const { stock, alive, memory, tries } = setUp();
    await pass(205);
    expect(tries()).toBe(1);
    const closed = stock.close();
    await pass(1_000);
    await closed;
    expect([alive.size, memory.committed, stock.count]).toEqual([0, 0, 0]);
    await pass(10_000);
    expect(tries()).toBe(1);
  });

  test('whatever happens, what is committed is what is kept, and each is handed out once', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('take' as const), runtime: fc.constantFrom('nodejs' as const, 'python' as const) }),
      fc.record({ do: fc.constant('evict' as const), bytes: fc.integer({ min: 0, max: 40 * MIB }) }),
      fc.record({ do: fc.constant('fail' as const) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 60_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.integer({ min: 0, max: 3 }), async (steps, perKind) => {
        const { stock, alive, failures, memory, gate } = setUp({ perKind });
        const given = new Set<string>();
        for (const each of steps) {
          if (each.do === 'take') {
            const id = stock.take(wanted(each.runtime));
            if (id !== null) expect(given.has(id)).toBe(false);
            if (id !== null) given.add(id);
          } else if (each.do === 'evict') await stock.evict(each.bytes);
          else if (each.do === 'fail') failures.push(new PlatformError('start_failed', 'planned'));
          else await pass(each.ms);
          expect(stock.count).toBeLessThanOrEqual(4 * perKind);
          if (gate.free === 4) expect(memory.committed).toBe(stock.bytes);
        }
        const closed = stock.close();
        await pass(1_000);
        await closed;
        expect([memory.committed, gate.free, alive.size]).toEqual([0, 4, given.size]);
      }),
      { numRuns: 60 },
    );
  });
});
