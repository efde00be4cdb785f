import type { Spool } from '../../../drivers/spool/spool';
import { SpooledWriter } from '../../../drivers/spool/spooled-writer';

/** A spool in memory, which outlives its writers. */
function memorySpool(most = Number.POSITIVE_INFINITY): Spool<number> & { readonly kept: number[] } {
  const kept: number[] = [];
  return {
    kept,
    get bytes() {
      return kept.length;
    },
    append: async (batch) => kept.length < most && kept.push(batch) > 0,
    oldest: async () => {
      const [batch] = kept;
      return batch === undefined ? undefined : { batch, remove: async () => void kept.shift() };
    },
  };
}

function setUp(options: { spool?: Spool<number>; keep?: number } = {}) {
  const state = { away: false, written: [] as number[], warnings: [] as string[] };
  const writer = new SpooledWriter<number>({
    write: (batch) =>
      state.away ? Promise.reject(new Error('away')) : Promise.resolve(void state.written.push(batch)),
    what: 'numbers',
    log: { warn: (_, message) => void state.warnings.push(message) },
    ...options,
  });
  return { state, writer };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('writes batches in their order, each once', async () => {
  const { state, writer } = setUp();
  for (const batch of [1, 2, 3]) writer.add(batch);
  await pass(0);
  expect(state.written).toEqual([1, 2, 3]);
  writer.add(4);
  await writer.close();
  expect(state.written).toEqual([1, 2, 3, 4]);
});

test('while they are refused they lie on the disk, and go out first', async () => {
  const spool = memorySpool();
  const { state, writer } = setUp({ spool });
  state.away = true;
  writer.add(1);
  await pass(10);
  writer.add(2);
  await pass(10);
  expect(spool.kept).toEqual([1, 2]);
  state.away = false;
  writer.add(3);
  await pass(6_000);
  expect(state.written).toEqual([1, 2, 3]);
  expect(spool.kept).toEqual([]);
});

test('the next process writes what one that was killed left', async () => {
  const spool = memorySpool();
  spool.kept.push(7, 8);
  const { state, writer } = setUp({ spool });
  writer.open();
  await pass(0);
  expect(state.written).toEqual([7, 8]);
});

test('at the end one more try is made; what is refused stays', async () => {
  const spool = memorySpool();
  const { state, writer } = setUp({ spool });
  state.away = true;
  writer.add(1);
  await pass(10);
  await writer.close();
  expect(spool.kept).toEqual([1]);
});

test('without room on the disk a bounded number waits in memory', async () => {
  const { state, writer } = setUp({ spool: memorySpool(1), keep: 2 });
  state.away = true;
  for (const batch of [1, 2, 3, 4]) {
    writer.add(batch);
    await pass(1);
  }
  state.away = false;
  await pass(6_000);
  expect(state.written).toEqual([1, 3, 4]);
  expect(state.warnings).toContain('The oldest batches are dropped');
});
