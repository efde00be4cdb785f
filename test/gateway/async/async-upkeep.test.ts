import { AsyncUpkeep, type AsyncUpkeepContext } from '../../../gateway/async/async-upkeep';
import { MemoryNotices } from '../../fakes/memory-notices';
import { until } from '../gateway-harness';

const now = (): Date => new Date('2026-11-23T09:00:00Z');

function contextOf(change: Partial<AsyncUpkeepContext['queue']> = {}) {
  const calls: string[] = [];
  const warnings: string[] = [];
  const notices = new MemoryNotices();
  const context: AsyncUpkeepContext = {
    queue: {
      syncCron: async () => void calls.push('sync'),
      fireCron: async () => {
        calls.push('fire');
        return calls.filter((call) => call === 'fire').length < 3 ? 1 : 0;
      },
      forget: async (_now, deleteBody) => {
        if (calls.includes('forget')) return 0;
        calls.push('forget');
        await deleteBody('sha256:old');
        return 1;
      },
      unreferenced: async (digests) => digests.filter((digest) => digest === 'sha256:orphan'),
      ...change,
    },
    store: notices,
    images: {
      list: async function* () {
        yield { digest: 'sha256:orphan', bytes: 1 };
        yield { digest: 'sha256:used', bytes: 1 };
      },
      delete: async (digest) => void calls.push(`delete ${digest}`),
    },
    now,
    log: { warn: (_fields, message) => void warnings.push(message) },
  };
  return { context, calls, warnings, notices };
}

test('fires until nothing is due, removes what is to be forgotten with its bodies, and follows every new route', async () => {
  const { context, calls, notices } = contextOf();
  const upkeep = new AsyncUpkeep(context);
  await upkeep.start();
  await until(() => calls.filter((call) => call === 'fire').length === 3, 'three rounds');
  await until(() => calls.includes('delete sha256:old'), 'the removal');
  const before = calls.filter((call) => call === 'sync').length;
  notices.tell('routes', ['acme/f']);
  await until(() => calls.filter((call) => call === 'sync').length > before, 'the routes');
  await upkeep.stop();
  expect(notices.size).toBe(0);
  // Seen once without a row is not enough: it may belong to a request that is still arriving.
  expect(calls).not.toContain('delete sha256:orphan');
});

test('a body that nothing refers to is removed when it is seen so for the second time', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
  try {
    const { context, calls } = contextOf();
    const upkeep = new AsyncUpkeep(context);
    await upkeep.start();
    for (let hour = 0; hour < 2; hour++) {
      await new Promise((resolve) => setImmediate(resolve));
      await jest.advanceTimersByTimeAsync(3_600_000);
    }
    expect(calls).toContain('delete sha256:orphan');
    expect(calls).not.toContain('delete sha256:used');
    await upkeep.stop();
  } finally {
    jest.useRealTimers();
  }
});

test('a database that is away is told of once, and nothing breaks', async () => {
  let tries = 0;
  const away = async (): Promise<never> => {
    tries++;
    throw new Error('away');
  };
  const { context, warnings } = contextOf({ syncCron: away, fireCron: away, forget: away, unreferenced: away });
  const upkeep = new AsyncUpkeep(context);
  await upkeep.start();
  await until(() => tries >= 5, 'another round');
  expect(warnings).toHaveLength(1);
  await upkeep.stop();
});
