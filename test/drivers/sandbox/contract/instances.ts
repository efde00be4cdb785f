import { randomBytes } from 'node:crypto';
import type { SandboxTrial } from '../sandbox-trial';
import { waitFor } from '../wait-for';

/** What an instance does from its start to its own end, from nothing and from a runtime booted ahead. */
export function describeInstances(trial: SandboxTrial): void {
  describe.each([
    ['nodejs', 'nothing'],
    ['python', 'nothing'],
    ['nodejs', 'blank'],
    ['python', 'blank'],
  ] as const)('%s from %s', (runtime, from) => {
    const possible = async (): Promise<boolean> => from === 'nothing' || trial.able('blanks');

    test('starts, answers, keeps its memory, sees its own environment', async () => {
      if (!(await possible())) return;
      const sandbox = await trial.launchFrom(from, runtime);
      // None where it is on another machine.
      if (sandbox.pid !== 0) expect(sandbox.pid).toBeGreaterThan(1);
      expect(await trial.json(sandbox, '/count')).toMatchObject({ count: 1 });
      expect(await trial.json(sandbox, '/count')).toMatchObject({ count: 2 });
      const echo = await trial.talk(sandbox, '/echo', {
        body: '{"a":[1]}',
        headers: { 'content-type': 'application/json' },
      });
      expect(JSON.parse(echo.text)).toEqual({ a: [1] });
      expect(Number(echo.headers['x-presage-cpu-us'])).toBeGreaterThanOrEqual(0);
      expect((await trial.talk(sandbox, '/env?name=GREETING')).text).toBe('hello');
      const names = (await trial.json(sandbox, '/names')) as string[];
      expect(names.filter((each) => each.startsWith('npm_') || each.startsWith('JEST_'))).toEqual([]);
    }, 60_000);

    test('a paused instance does not answer, a resumed one does', async () => {
      if (!(await possible())) return;
      const sandbox = await trial.launchFrom(from, runtime);
      if (!(await trial.able('pause'))) {
        await expect(trial.driver.pause(sandbox.id)).rejects.toMatchObject({ code: 'unsupported' });
        await expect(trial.driver.resume(sandbox.id)).rejects.toMatchObject({ code: 'unsupported' });
        return;
      }
      await trial.driver.pause(sandbox.id);
      await trial.driver.pause(sandbox.id);
      await expect(trial.talk(sandbox, '/count', { timeoutMs: 300 })).rejects.toThrow('no answer');
      await trial.driver.resume(sandbox.id);
      await trial.driver.resume(sandbox.id);
      // the request that got no answer may have been served meanwhile
      expect(await trial.json(sandbox, '/count')).toMatchObject({ count: expect.any(Number) });
    }, 60_000);

    test('log lines name instance, stream and invocation', async () => {
      if (!(await possible())) return;
      const sandbox = await trial.launchFrom(from, runtime);
      const texts = ['one', 'zwei äöü'];
      await Promise.all(
        texts.map((text, index) =>
          trial.talk(sandbox, `/log?text=${encodeURIComponent(text)}`, {
            headers: { 'x-presage-invocation': `inv-${index}` },
          }),
        ),
      );
      for (const [index, text] of texts.entries()) {
        for (const stream of ['stdout', 'stderr'] as const) {
          const told = trial.except('streams') ? 'stdout' : stream;
          const found = await waitFor(`the line on ${stream}`, () =>
            trial.lines.find((line) => line.instanceId === sandbox.id && line.text === text && line.stream === told),
          );
          expect(found.invocationId).toBe(`inv-${index}`);
          expect(Math.abs(found.at - Date.now())).toBeLessThan(60_000);
        }
      }
    }, 60_000);

    test('counts CPU and memory', async () => {
      if (!(await possible())) return;
      const sandbox = await trial.launchFrom(from, runtime);
      const before = await trial.figures(sandbox.id);
      await trial.talk(sandbox, '/burn');
      const after = await trial.figures(sandbox.id, ({ cpuMicros }) => cpuMicros - before.cpuMicros > 100_000);
      expect(after.cpuMicros - before.cpuMicros).toBeGreaterThan(100_000);
      expect(after.memoryBytes).toBeGreaterThan(2 ** 20);
      if (!trial.except('figures')) expect(after.pids).toBeGreaterThanOrEqual(1);
    }, 150_000);

    test('tells when it ends by itself', async () => {
      if (!(await possible())) return;
      const sandbox = await trial.launchFrom(from, runtime);
      await expect(trial.talk(sandbox, '/exit')).rejects.toThrow();
      const exit = await trial.exitOf(sandbox.id);
      expect(exit.outOfMemory).toBe(false);
      if (exit.code !== null) expect(exit.code).toBe(3);
    }, 60_000);

    test('a secret reaches the function and no file', async () => {
      if (!(await possible())) return;
      const secret = `s3cret-${randomBytes(8).toString('hex')}`;
      const sandbox = await trial.launchFrom(from, runtime, { secretEnv: { TOKEN: secret } });
      expect((await trial.talk(sandbox, '/env?name=TOKEN')).text).toBe(secret);
      await trial.expectNowhere(secret);
    }, 60_000);

    test('a clone keeps the memory and gets fresh randomness, its hook runs, its log is its own', async () => {
      if (!(await possible())) return;
      if (!(await trial.able('checkpoint')) || !(await trial.able('restore')) || trial.except('clones')) return;
      const template = await trial.launchFrom(from, runtime);
      for (let count = 0; count < 3; count++) await trial.json(template, '/count');
      await trial.json(template, '/random');
      const before = await trial.talk(template, '/_presage/before-checkpoint', { method: 'POST' });
      expect(before.status).toBe(200);
      const image = trial.newImage();
      const { pauseMs, bytes } = await trial.driver.checkpoint(template.id, image);
      expect(pauseMs).toBeGreaterThan(0);
      expect(bytes).toBeGreaterThan(0);
      await trial.ready(template);
      expect(await trial.json(template, '/count')).toMatchObject({ count: 4, restored: [] });

      const clones = [];
      for (let made = 0; made < 3; made++) clones.push(await trial.restore(runtime, image));
      const seen = new Set((await trial.json(template, '/random')) as string[]);
      for (const clone of clones) {
        const { count, restored } = (await trial.json(clone, '/count')) as { count: number; restored: string[] };
        expect({ count, hooks: restored.length }).toEqual({ count: 4, hooks: 1 });
        for (const value of [...restored, ...((await trial.json(clone, '/random')) as string[])]) {
          expect(seen).not.toContain(value);
          seen.add(value);
        }
        await trial.talk(clone, `/log?text=from-${clone.id}`, { headers: { 'x-presage-invocation': 'inv-clone' } });
      }
      for (const clone of clones) {
        const found = await waitFor('the line', () => trial.lines.find((line) => line.text === `from-${clone.id}`));
        expect(found).toMatchObject({ instanceId: clone.id, invocationId: 'inv-clone' });
      }
      const one = clones[0]!;
      await trial.driver.pause(one.id);
      await expect(trial.talk(one, '/count', { timeoutMs: 300 })).rejects.toThrow('no answer');
      await trial.driver.resume(one.id);
      await trial.ready(one);
    }, 120_000);
  });
}
