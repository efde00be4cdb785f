import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AsyncWorkOptions } from '../../../drivers/async-queue/async-queue';
import { AsyncExecutor } from '../../../gateway/async/async-executor';
import { ReportSpool } from '../../../gateway/async/report-spool';
import { silent, until } from '../gateway-harness';

const folder = mkdtempSync(path.join(tmpdir(), 'presage-executor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('of functions for which there is no money nothing is taken from the queue', async () => {
  let work: AsyncWorkOptions | undefined;
  let exhausted: string[] = [];
  const executor = new AsyncExecutor({
    queue: {
      work: (options) => {
        work = options;
        return { stop: () => Promise.resolve() };
      },
      settle: () => Promise.resolve(true),
    },
    runner: { run: () => Promise.reject(new Error('nothing is to be tried')) },
    bodies: { drop: () => Promise.resolve() },
    routes: { resolve: () => undefined },
    spool: new ReportSpool(folder),
    gateway: 'g1',
    slots: 4,
    log: silent,
    random: () => 0,
    exhausted: () => exhausted,
  });
  executor.start();
  const options = await until(() => work, 'the work to begin');
  expect(options.full()).toEqual([]);
  exhausted = ['f-id'];
  expect(options.full()).toEqual(['f-id']);
  await executor.stop(0);
});
