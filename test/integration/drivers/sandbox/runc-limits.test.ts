import type { RunningSandbox } from '../../../../drivers/sandbox/sandbox';
import { waitFor } from '../../../drivers/sandbox/wait-for';
import { RuncHarness } from './runc-harness';

const MIB = 2 ** 20;
const limits = { memoryBytes: 64 * MIB, cpuMillis: 200, pids: 24 };

describe('what an instance may use', () => {
  const harness = new RuncHarness();
  let image: string;

  beforeAll(async () => {
    await harness.open();
    const template = await harness.launch({ limits });
    image = harness.image();
    await harness.driver.checkpoint(template.id, image);
    await harness.driver.destroy(template.id);
  }, 300_000);
  afterAll(() => harness.close(), 60_000);

  const starts: [string, () => Promise<RunningSandbox>][] = [
    ['cold', () => harness.launch({ limits })],
    ['restored', () => harness.restore(image, { limits })],
    ['from a blank', () => harness.specialise({ limits })],
  ];

  describe.each(starts)('%s', (_, start) => {
    test('a fork bomb stays in its group', async () => {
      const sandbox = await start();
      const answer = await harness.run(
        sandbox,
        `
import os, time
children = []
try:
    while len(children) < 500:
        pid = os.fork()
        if pid == 0:
            time.sleep(30)
            os._exit(0)
        children.append(pid)
except OSError as error:
    kept['refusal'] = type(error).__name__
out = [len(children), kept.get('refusal')]`,
      );
      const [children, refusal] = answer.out as [number, string];
      expect(refusal).toBe('BlockingIOError');
      expect(children).toBeLessThan(limits.pids);
      expect((await harness.driver.stats(sandbox.id)).pids).toBeLessThanOrEqual(limits.pids);
      await harness.driver.destroy(sandbox.id);
    }, 60_000);

    test('one that eats memory is killed, and the listener hears why', async () => {
      const sandbox = await start();
      await expect(harness.run(sandbox, `eaten = bytearray(${256 * MIB})`)).rejects.toThrow();
      const exit = await waitFor('the exit', () => harness.exits.get(sandbox.id));
      expect(exit.outOfMemory).toBe(true);
      await harness.driver.destroy(sandbox.id);
    }, 60_000);

    test('one that burns the CPU gets its share only', async () => {
      const sandbox = await start();
      const before = await harness.driver.stats(sandbox.id);
      const began = performance.now();
      await harness.run(sandbox, 'import time\nend = time.time() + 2\nwhile time.time() < end: pass');
      const cores =
        ((await harness.driver.stats(sandbox.id)).cpuMicros - before.cpuMicros) / (performance.now() - began) / 1000;
      expect(cores).toBeLessThan(0.3);
      await harness.driver.destroy(sandbox.id);
    }, 60_000);

    test('/tmp is its own and bounded', async () => {
      const sandbox = await start();
      const answer = await harness.run(sandbox, `import os; s = os.statvfs('/tmp'); out = s.f_blocks * s.f_frsize`);
      expect(answer.out).toBe(512 * MIB);
      const files = await harness.run(sandbox, `import resource; out = resource.getrlimit(resource.RLIMIT_NOFILE)`);
      expect(files.out).toEqual([4096, 4096]);
      await harness.driver.destroy(sandbox.id);
    }, 60_000);
  });
});
