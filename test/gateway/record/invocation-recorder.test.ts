import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalSpool } from '../../../drivers/spool/local/local-spool';
import type { Spool } from '../../../drivers/spool/spool';
import type { InvocationRecord } from '../../../drivers/store/store';
import { InvocationRecorder, type InvocationRecorderOptions } from '../../../gateway/record/invocation-recorder';
import { spooledRecord } from '../../../gateway/record/spooled-record';
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
        written.push(batch.map(({ id }) => id));
        return Promise.resolve();
      },
    },
    log: { warn: (fields) => void warnings.push(fields) },
    observe: (records: readonly InvocationRecord[]) => observed.push(...records.map(({ id }) => id)),
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
  const { recorder, written } = setUp({ flushMs: 60_000, batchRows: 2 });
  for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
  await until(() => written.length > 0);
  expect(written).toEqual([['a', 'b']]);
  await recorder.close(1_000);
  expect(written).toEqual([['a', 'b'], ['c']]);
});

test('keeps records while the store is away, writes them once it is back, and counts each once', async () => {
  const { recorder, written, warnings, observed, state } = setUp({ batchRows: 2, flushMs: 1 });
  state.away = true;
  for (const id of ['a', 'b', 'c']) recorder.record(recordOf({ id }));
  await until(() => warnings.length > 0);
  expect(recorder.pending).toBe(3);
  state.away = false;
  await until(() => recorder.pending === 0);
  expect(written.flat()).toEqual(['a', 'b', 'c']);
  expect(observed).toEqual(['a', 'b', 'c']);
});

test('past its bound it drops the oldest and says how many', async () => {
  const { recorder, written, warnings, state } = setUp({ maxRows: 3, flushMs: 1 });
  state.away = true;
  for (const id of ['a', 'b', 'c', 'd', 'e']) recorder.record(recordOf({ id }));
  await until(() => warnings.length >= 2);
  expect(recorder.dropped).toBe(2);
  expect(warnings).toContainEqual({ dropped: 2, droppedTotal: 2 });
  state.away = false;
  await until(() => recorder.pending === 0);
  expect(written.flat()).toEqual(['c', 'd', 'e']);
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
    test: (dir: string, spool: () => Spool<InvocationRecord>) => Promise<void>,
    maxBytes = 1_000_000,
  ): Promise<void> => {
    const dir = await mkdtemp(path.join(tmpdir(), 'spool-'));
    try {
      const log = { warn: () => undefined };
      await test(dir, () => createLocalSpool({ dir, maxBytes, parse: spooledRecord, log }));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

  test('records go to the disk while the store is away, and to the store once it is back', () =>
    spooling(async (dir, spool) => {
      const { recorder, written, state } = setUp({ batchRows: 2, flushMs: 1, spool: spool() });
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
        sink: { writeInvocations: (batch) => Promise.resolve(void batches.push(...batch)) },
        log: { warn: () => undefined },
        spool: spool(),
      });
      next.open();
      await until(() => batches.length > 0);
      expect(batches).toEqual([record]);
      await next.close(1_000);
    }));

  test('a full spool leaves the rest in memory', () =>
    spooling(
      async (_, spool) => {
        const { recorder, written, state } = setUp({ batchRows: 1, flushMs: 1, spool: spool() });
        state.away = true;
        for (const id of ['a', 'b']) recorder.record(recordOf({ id }));
        await until(() => recorder.spooledBytes > 0 && recorder.pending === 1);
        state.away = false;
        await until(() => written.flat().length === 2);
      },
      JSON.stringify([recordOf({ id: 'a' })]).length + 10,
    ));
});
