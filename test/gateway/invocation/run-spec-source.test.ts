import { runSpecSchema } from '../../../core/function/run-spec';
import { RunSpecSource } from '../../../gateway/invocation/run-spec-source';
import { revisionRecord, until } from '../gateway-harness';

const withSecret = revisionRecord('f', { secrets: [{ name: 'db', env: 'DB_URL' }] });

function setUp() {
  const state = { now: 0, reads: 0, away: false, value: 'one' as string | undefined };
  const source = new RunSpecSource(
    () => {
      state.reads++;
      if (state.away) return Promise.reject(new Error('connection refused'));
      return Promise.resolve(new Map(state.value === undefined ? [] : [['db', state.value]]));
    },
    { now: () => state.now, maxAgeMs: 100 },
  );
  const secret = async (): Promise<string | undefined> =>
    runSpecSchema.parse(JSON.parse(await source.of(withSecret))).secretEnv['DB_URL'];
  return { state, source, secret };
}

test('a revision without secrets never asks the store', async () => {
  const { state, source } = setUp();
  state.away = true;
  const json = await source.of(revisionRecord('f'));
  expect(await source.of(revisionRecord('f'))).toBe(json);
  expect(state.reads).toBe(0);
});

test('reads secrets once for many starts, and a new value soon without making a start wait', async () => {
  const { state, secret } = setUp();
  expect(await Promise.all([secret(), secret(), secret()])).toEqual(['one', 'one', 'one']);
  expect(state.reads).toBe(1);
  state.value = 'two';
  state.now = 101;
  expect(await secret()).toBe('one');
  expect(state.reads).toBe(2);
  expect(await secret()).toBe('two');
});

test('while the store is away the last value serves', async () => {
  const { state, secret } = setUp();
  await secret();
  state.away = true;
  state.now = 500;
  expect(await secret()).toBe('one');
  await until(() => state.reads === 2, 'the refresh');
  expect(await secret()).toBe('one');
});

test('a missing secret is named, and found once it is set', async () => {
  const { state, secret } = setUp();
  state.value = undefined;
  await expect(secret()).rejects.toMatchObject({ code: 'start_failed' });
  state.value = 'now';
  expect(await secret()).toBe('now');
});
