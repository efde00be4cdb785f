import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalSpool } from '../../../drivers/spool/local/local-spool';
import type { Spool } from '../../../drivers/spool/spool';
import type { InvocationBatch, InvocationRecord } from '../../../drivers/store/store';
import { InvocationRecorder, type InvocationRecorderOptions } from '../../../gateway/record/invocation-recorder';
import { readSpooledBatch, spooledBatch } from '../../../gateway/record/spooled-batch';
import { BOOK, PRICED } from '../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { recordsIn } from '../../fakes/records-in';
import type { InvocationBlock } from '../../../core/record/invocation-batch';
import { recordOf } from './invocation-record';

const until = async (look: () => boolean): Promise<void> => {
  const end = Date.now() + 10_000;
  while (!look()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

function setUp(options: Partial<InvocationRecorderOptions> = {}) {
  const written: string[][] = [];
  const warnings: object[] = [];
  const observed: string[] = [];
  const state = { away: false };
  const recorder = new InvocationRecorder({
    sink: {
      writeInvocations: (batch) => {
        if (state.away) return Promise.reject(new Error('connection refused'));
        written.push(recordsIn(batch).map(({ id }) => id));
        return Promise.resolve();
      },
    },
    log: { warn: (fields) => void warnings.push(fields) },
    observe: ({ id }) => void observed.push(id),
    flushMs: 20,
    ...options,
  });
  return { recorder, written, warnings, observed, state };
}

test('writes what came within the flush time as one batch', async () => {
  const { recorder, written, observed } = setUp();
  for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
  expect(written).toEqual([]);
  await until(() => written.length > 0);
  expect(written).toEqual([['a', 'b', 'c']]);
  expect(observed).toEqual(['a', 'b', 'c']);
  expect(recorder.pending).toBe(0);
});

test('a full batch does not wait', async () => {
  const { recorder, written } = setUp({ flushMs: 60_000, batchCalls: 2 });
  for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
  await until(() => written.length > 0);
  expect(written).toEqual([['a', 'b']]);
  await recorder.close(1_000);
  expect(written).toEqual([['a', 'b'], ['c']]);
});

test('a batch that fills fast waits for more, up to its bound', async () => {
  const timers = jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  try {
    const { recorder, written } = setUp({ batchCalls: 300 });
    const sizes = () => written.map(({ length }) => length);
    for (let i = 0; i < 100; i++) recorder.record(sampleInvocation());
    await timers.advanceTimersByTimeAsync(700);
    expect(sizes()).toEqual([]);
    recorder.record(sampleInvocation());
    await timers.advanceTimersByTimeAsync(100);
    expect(sizes()).toEqual([101]);
    for (let i = 0; i < 300; i++) recorder.record(sampleInvocation());
    await timers.advanceTimersByTimeAsync(0);
    expect(sizes()).toEqual([101, 300]);
    for (let i = 0; i < 99; i++) recorder.record(sampleInvocation());
    await timers.advanceTimersByTimeAsync(30);
    expect(sizes()).toEqual([101, 300, 99]);
  } finally {
    jest.useRealTimers();
  }
});

test('keeps records while the store is away, writes them once it is back, and counts each once', async () => {
  const { recorder, written, warnings, observed, state } = setUp({ batchCalls: 2, flushMs: 1 });
  state.away = true;
  for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
  await until(() => warnings.length > 0);
  expect(recorder.pending).toBe(3);
  state.away = false;
  await until(() => recorder.pending === 0);
  expect(written.flat()).toEqual(['a', 'b', 'c']);
  expect(observed).toEqual(['a', 'b', 'c']);
});

test('past its bound it drops the oldest batches and says how many calls', async () => {
  const { recorder, written, warnings, state } = setUp({ maxCalls: 3, batchCalls: 2 });
  state.away = true;
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) recorder.record(recordOf({ id }));
  await until(() => warnings.length >= 3);
  expect(recorder.dropped).toBe(4);
  expect(warnings).toContainEqual({ dropped: 2, droppedTotal: 4 });
  state.away = false;
  await until(() => recorder.pending === 0);
  expect(written.flat()).toEqual(['e', 'f']);
});

test('closing writes what is left, but waits no longer than told', async () => {
  const { recorder, written, state } = setUp({ flushMs: 60_000 });
  recorder.record(recordOf({ id: 'a' }));
  await recorder.close(1_000);
  expect(written).toEqual([['a']]);

  const other = setUp({ flushMs: 60_000 });
  other.state.away = true;
  other.recorder.record(recordOf({ id: 'b' }));
  await other.recorder.close(50);
  expect(other.written).toEqual([]);
  expect(other.warnings).toContainEqual({ records: 1 });
  expect(state.away).toBe(false);
});

describe('with a spool', () => {
  const spooling = async (
    test: (dir: string, spool: () => Spool<InvocationBatch>) => Promise<void>,
    maxBytes = 1_000_000,
  ): Promise<void> => {
    const dir = await mkdtemp(path.join(tmpdir(), 'spool-'));
    try {
      const log = { warn: () => undefined };
      await test(dir, () => createLocalSpool({ dir, maxBytes, write: spooledBatch, read: readSpooledBatch, log }));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

  test('records go to the disk while the store is away, and to the store once it is back', () =>
    spooling(async (dir, spool) => {
      const { recorder, written, state } = setUp({ batchCalls: 2, flushMs: 1, spool: spool() });
      state.away = true;
      for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
      await until(() => recorder.pending === 0);
      expect(await readdir(dir)).toHaveLength(2);
      for (const id of ['d', 'e']) recorder.record(recordOf({ id }));
      await until(() => recorder.pending === 0);
      state.away = false;
      recorder.record(recordOf({ id: 'f' }));
      await until(() => written.flat().length === 6);
      expect(written.flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
      await until(() => recorder.spooledBytes === 0);
      expect(await readdir(dir)).toEqual([]);
    }));

  test('the next process writes what this one could not', () =>
    spooling(async (_, spool) => {
      const dying = setUp({ flushMs: 60_000, spool: spool() });
      dying.state.away = true;
      const record = recordOf({ id: 'a' });
      dying.recorder.record(record);
      await dying.recorder.close(30);
      const batches: InvocationRecord[] = [];
      const next = new InvocationRecorder({
        sink: { writeInvocations: (batch) => Promise.resolve(void batches.push(...recordsIn(batch))) },
        log: { warn: () => undefined },
        spool: spool(),
      });
      next.open();
      await until(() => batches.length > 0);
      expect(batches).toEqual([record]);
      await next.close(1_000);
    }));

  test('what was packed is as it was after a while on the disk', () =>
    spooling(async (_, spool) => {
      const records = [{ userRegion: 'eu' }, { status: 500 }, { pricing: PRICED }, { status: 500, pricing: PRICED }];
      const batch = packed(records.map(sampleInvocation), BOOK);
      await spool().append(batch);
      const kept = await spool().oldest();
      expect(kept?.batch).toEqual({
        ...batch,
        blocks: batch.blocks.map((block) => ({
          ...block,
          times: Buffer.from(block.times),
          details: Buffer.from(block.details),
        })),
      });
      expect(recordsIn(kept?.batch as InvocationBatch)).toEqual(recordsIn(batch));
    }));

  test('what was kept before there were blocks is still written', () => {
    const record = recordOf({ id: 'a' });
    expect(readSpooledBatch(JSON.parse(JSON.stringify([record])))).toEqual({ blocks: [], rows: [record] });
  });

  test('what was kept before calls had a price costs nothing', () => {
    const { blocks } = packed([sampleInvocation()]);
    const kept = JSON.parse(JSON.stringify(spooledBatch({ blocks, rows: [] }))) as {
      blocks: { sums: { costs?: unknown } }[];
    };
    delete kept.blocks[0]?.sums.costs;
    expect(readSpooledBatch(kept).blocks[0]?.sums.costs.cost).toEqual([0n, 0n, 0n, 0n, 0n]);
  });

  test('what has been altered is no batch', () => {
    const { blocks } = packed([sampleInvocation()]);
    const [block] = blocks as [InvocationBlock];
    const altered = (change: object) => spooledBatch({ blocks: [{ ...block, ...change }], rows: [] });
    expect(readSpooledBatch(JSON.parse(JSON.stringify(altered({})))).blocks).toHaveLength(1);
    const details = Uint8Array.from(block.details).fill(7, 12, 13);
    for (const change of [{ details }, { calls: 2 }, { id: 'x' }, { more: 1 }]) {
      expect(() => readSpooledBatch(JSON.parse(JSON.stringify(altered(change))))).toThrow();
    }
  });

  test('a full spool leaves the rest in memory', () =>
    spooling(
      async (_, spool) => {
        const { recorder, written, state } = setUp({ batchCalls: 1, flushMs: 1, spool: spool() });
        state.away = true;
        for (const id of ['a', 'b']) recorder.record(recordOf({ id }));
        await until(() => recorder.spooledBytes > 0 && recorder.pending === 1);
        state.away = false;
        await until(() => written.flat().length === 2);
      },
      JSON.stringify(spooledBatch({ blocks: [], rows: [recordOf({ id: 'a' })] })).length + 10,
    ));
});
