import { WorkQueue } from '../../../../workers/control/kubernetes/work-queue';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A queue whose turns end when the test says so. */
function held(atOnce = 2) {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const errors: string[] = [];
  const queue = new WorkQueue({
    work: (key) => {
      begun.push(key);
      return new Promise((resolve, reject) => ends.set(key, (error) => (error ? reject(error) : resolve())));
    },
    onError: (key) => errors.push(key),
    atOnce,
    pause: { first: 100, longest: 250 },
  });
  const end = async (key: string, error?: Error): Promise<void> => {
    ends.get(key)?.(error);
    await jest.advanceTimersByTimeAsync(0);
  };
  return { queue, begun, end, errors };
}

test('a key has one turn at a time, and another when it was added meanwhile', async () => {
  const { queue, begun, end } = held();
  for (let time = 0; time < 3; time++) queue.add('a');
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'a']);
  await end('a');
  expect(begun).toEqual(['a', 'a']);
});

test('no more than so many at once, and what waits goes on', async () => {
  const { queue, begun, end } = held(2);
  for (const key of ['a', 'b', 'c', 'c']) queue.add(key);
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('what fails is tried again after a pause that doubles, up to the longest, and begins anew after a success', async () => {
  const { queue, begun, end, errors } = held();
  queue.add('a');
  for (const pause of [100, 200, 250, 250]) {
    const times = begun.length;
    await end('a', new Error('away'));
    await jest.advanceTimersByTimeAsync(pause - 1);
    expect(begun).toHaveLength(times);
    await jest.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(times + 1);
  }
  expect(errors).toHaveLength(4);
  await end('a');
  queue.add('a');
  await end('a', new Error('away'));
  await jest.advanceTimersByTimeAsync(100);
  expect(begun).toHaveLength(7);
});

test('of several later looks the earliest counts', async () => {
  const { queue, begun } = held();
  queue.addAfter('a', 500);
  queue.addAfter('a', 50);
  queue.addAfter('a', 400);
  await jest.advanceTimersByTimeAsync(50);
  expect(begun).toEqual(['a']);
});

test('a stop waits for what is under way, and nothing begins any more', async () => {
  const { queue, begun, end } = held(1);
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 10);
  let stopped = false;
  const stopping = queue.stop().then(() => (stopped = true));
  await jest.advanceTimersByTimeAsync(50);
  expect(stopped).toBe(false);
  await end('a');
  await stopping;
  queue.add('d');
  expect(begun).toEqual(['a']);
});
