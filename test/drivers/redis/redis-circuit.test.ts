import { RedisCircuit } from '../../../drivers/redis/redis-circuit';

const never = (): Promise<never> => new Promise(() => undefined);

test('nobody is told that Redis is lost before it was asked, and nobody who calls before that waits', async () => {
  let answer: (() => void) | undefined;
  const circuit = new RedisCircuit({ ping: () => new Promise<void>((resolve) => (answer = resolve)), timeoutMs: 50 });
  const changes: (string | null)[] = [];
  circuit.listen((lost) => changes.push(lost?.code ?? null));
  await expect(circuit.run(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'unavailable' });
  expect(changes).toEqual([]);
  answer?.();
  await circuit.known;
  expect(await circuit.run(() => Promise.resolve(1))).toBe(1);
  expect(changes).toEqual([null]);
  circuit.close();
});

test('an answer that does not come is waited for once; then calls are refused unasked until three probes are answered', async () => {
  let pings = 0;
  const circuit = new RedisCircuit({ ping: () => Promise.resolve(pings++), timeoutMs: 20 });
  await circuit.known;
  const before = pings;
  await expect(circuit.run(never)).rejects.toThrow('no answer in 20 ms');
  const call = jest.fn(never);
  await expect(circuit.run(call)).rejects.toThrow('Redis is away');
  expect(call).not.toHaveBeenCalled();
  await new Promise<void>((resolve) => circuit.listen((lost) => lost ?? resolve()));
  expect(pings - before).toBe(3);
  expect(circuit.usable).toBe(true);
  circuit.close();
});

test('an answer that lies unread while this process was busy counts', async () => {
  const circuit = new RedisCircuit({ ping: () => Promise.resolve(), timeoutMs: 20 });
  await circuit.known;
  const { stat } = await import('node:fs/promises');
  const answer = circuit.run(() => stat(__filename));
  const end = performance.now() + 60;
  while (performance.now() < end);
  expect((await answer).isFile()).toBe(true);
  circuit.close();
});
