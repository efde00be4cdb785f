import { RecordBatcher, type AgentRecordSink, type NewEvent } from '../../../agent/record/record-batcher';
import type { InstanceRecord, LogRecord } from '../../../drivers/store/store';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const event = (type: string): NewEvent => ({ at: new Date(), tenant: null, type, function: null, node: 'n', data: {} });
const line = (text: string): LogRecord => ({
  at: new Date(),
  tenant: 't',
  function: 'f',
  revision: 1,
  node: 'n',
  instanceId: 'i',
  invocationId: null,
  stream: 'stdout',
  text,
});
const row = (id: string, state: string): InstanceRecord => ({
  id,
  tenant: 't',
  function: 'f',
  revision: 1,
  node: 'n',
  state,
  kind: 'cold',
  startedAt: new Date(),
  endedAt: null,
  reason: null,
});

/** A store that can be away. */
function testSink() {
  const state = { away: false, events: [] as string[], logs: [] as string[], rows: [] as string[] };
  const write = (list: string[], items: string[]): Promise<void> => {
    if (state.away) return Promise.reject(new Error('away'));
    list.push(...items);
    return Promise.resolve();
  };
  const sink: AgentRecordSink = {
    writeEvents: (batch) =>
      write(
        state.events,
        batch.map(({ type }) => type),
      ),
    writeLogs: (batch) =>
      write(
        state.logs,
        batch.map(({ text }) => text),
      ),
    writeMemoryHours: () => Promise.resolve(),
    upsertInstances: (batch) =>
      write(
        state.rows,
        batch.map(({ id, state: to }) => `${id}:${to}`),
      ),
    writeHeld: () => Promise.resolve(),
  };
  const warnings: object[] = [];
  const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields), error: () => undefined };
  return { state, sink, log, warnings };
}

describe('RecordBatcher', () => {
  it('writes in batches, of an instance only its latest state', async () => {
    const { state, sink, log } = testSink();
    const batcher = new RecordBatcher({ sink, log, flushMs: 100 });
    batcher.writeInstance(row('a', 'idle'));
    batcher.writeInstance(row('a', 'frozen'));
    batcher.writeEvent(event('one'));
    batcher.writeLog(line('hello'));
    await jest.advanceTimersByTimeAsync(99);
    expect(batcher.pending).toBe(3);
    await jest.advanceTimersByTimeAsync(1);
    expect(state).toMatchObject({ rows: ['a:frozen'], events: ['one'], logs: ['hello'] });
  });

  it('keeps records while the store is away, in their order, and writes each once', async () => {
    const { state, sink, log } = testSink();
    const batcher = new RecordBatcher({ sink, log, flushMs: 100 });
    state.away = true;
    batcher.writeEvent(event('one'));
    batcher.writeInstance(row('a', 'idle'));
    await jest.advanceTimersByTimeAsync(1_000);
    batcher.writeEvent(event('two'));
    batcher.writeInstance(row('a', 'gone'));
    state.away = false;
    await jest.advanceTimersByTimeAsync(6_000);
    expect(state).toMatchObject({ events: ['one', 'two'], rows: ['a:gone'] });
    expect(batcher.pending).toBe(0);
  });

  it('drops the oldest past its bound, and says how many once the store is back', async () => {
    const { state, sink, log, warnings } = testSink();
    const batcher = new RecordBatcher({ sink, log, flushMs: 100, keep: 3 });
    state.away = true;
    for (const text of ['1', '2', '3', '4', '5']) batcher.writeLog(line(text));
    await jest.advanceTimersByTimeAsync(500);
    state.away = false;
    await jest.advanceTimersByTimeAsync(6_000);
    expect(state.logs).toEqual(['3', '4', '5']);
    expect(warnings).toContainEqual({ dropped: 2 });
  });

  it('writes what is left when it closes, and does not hang on a store that is away', async () => {
    const { state, sink, log } = testSink();
    const batcher = new RecordBatcher({ sink, log });
    for (let count = 0; count < 1_200; count += 1) batcher.writeLog(line(String(count)));
    await batcher.close();
    expect(state.logs).toHaveLength(1_200);
    state.away = true;
    const other = new RecordBatcher({ sink, log });
    other.writeLog(line('lost'));
    await other.close();
    expect(other.pending).toBe(1);
  });
});
