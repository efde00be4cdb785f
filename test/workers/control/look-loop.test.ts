import { LookLoop } from '../../../workers/control/look-loop';

/** A loop whose looks end when they are told to. */
function loop(everyMs = 60_000) {
  const waiting: ((error?: Error) => void)[] = [];
  const failures: unknown[] = [];
  let looks = 0;
  const own = new LookLoop({
    everyMs,
    look: () =>
      new Promise((resolve, reject) => {
        looks += 1;
        waiting.push((error) => (error ? reject(error) : resolve()));
      }),
    failed: (error) => void failures.push(error),
  });
  const next = async (error?: Error): Promise<void> => {
    while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    waiting.shift()?.(error);
  };
  return { own, next, failures, looks: () => looks };
}

test('looks at once and again, one look at a time', async () => {
  const { own, next, looks } = loop(5);
  own.start();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(looks()).toBe(1);
  await next();
  await next();
  while (looks() < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  const stopped = own.stop();
  await next();
  await stopped;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(looks()).toBe(3);
});

test('who asks while it looks waits for a look that begins after that; many ask for one', async () => {
  const { own, next, looks } = loop();
  own.start();
  const asked = [own.look(), own.look(), own.look()];
  await next();
  await next();
  await Promise.all(asked);
  expect(looks()).toBe(2);
  await own.stop();
});

test('a look that fails is told, and the next comes all the same', async () => {
  const { own, next, failures, looks } = loop();
  const error = new Error('away');
  const first = own.look();
  await next(error);
  await first;
  expect(failures).toEqual([error]);
  const second = own.look();
  await next();
  await second;
  expect(looks()).toBe(2);
  await own.stop();
  await own.look();
  expect(looks()).toBe(2);
});
