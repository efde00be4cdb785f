import type { InvocationRecord } from '../../../drivers/store/store';
import { InvocationRecorder, type InvocationRecorderOptions } from '../../../gateway/record/invocation-recorder';
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
