import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import { BLANK_RUNTIMES, type BlankRuntime } from '../../../drivers/sandbox/blank';
import type { RunningSandbox, SandboxDriver, SandboxLogLine, SandboxStats } from '../../../drivers/sandbox/sandbox';
import { ask, type Answer, type Question } from './ask';
import { testRunSpec } from './run-spec';
import { waitFor } from './wait-for';

export interface SandboxHarness {
  /** Not yet open. */
  readonly driver: SandboxDriver;
  /** Another driver over the same folders, as an agent that starts after the first was killed makes it; not yet open. */
  another(): SandboxDriver;
  /** Copies of `contract-function/node` and `contract-function/python` that the driver's instances can read. */
  readonly codeDirs: { readonly node: string; readonly python: string };
  /** Folders in which nothing about an instance may stay, and no secret may ever be. */
  readonly stateDirs: readonly string[];
  /** Where images are written; default a temporary folder. */
  readonly imageDir?: string;
  /** What it does not keep, each with the reason. */
  readonly exceptions?: Readonly<Partial<Record<ContractException, string>>>;
  /** Called after the drivers were closed. */
  close(): Promise<void>;
}

/**
 * `streams`: stdout and stderr come as one. `figures`: what is used is measured by somebody else, late and without processes.
 * `clones`: more than one from an image, each fresh by itself; tested apart.
 */
export type ContractException = 'streams' | 'figures' | 'clones';

/** For figures that somebody else measures. */
const LATE_MS = 60_000;

type Exit = { id: string; code: number | null; signal: string | null; outOfMemory: boolean };

/** Does a process run? A dead one that its parent has not taken note of yet does not. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** What every sandbox driver promises. `make` is called once; instances are the test's own. */
export function describeSandboxContract(name: string, make: () => Promise<SandboxHarness>): void {
  describe(`sandbox driver: ${name}`, () => {
    let harness: SandboxHarness;
    let images: string;
    const drivers: SandboxDriver[] = [];
    const lines: SandboxLogLine[] = [];
    const exits: Exit[] = [];
    const live = new Map<string, RunningSandbox>();

    const newId = (): string => `t${randomBytes(8).toString('hex')}`;
    const listener = {
      logged: (line: SandboxLogLine): void => void lines.push(line),
      exited: (id: string, how: Omit<Exit, 'id'>): void => void exits.push({ id, ...how }),
    };

    beforeAll(async () => {
      harness = await make();
      images = harness.imageDir ?? (await mkdtemp(path.join(tmpdir(), 'presage-images-')));
      await harness.driver.open(listener);
      drivers.push(harness.driver);
    }, 300_000);

    afterEach(async () => {
      for (const id of [...live.keys()]) await destroy(id);
    }, 60_000);

    afterAll(async () => {
      for (const driver of drivers) await driver.close({ destroyAll: true });
      await rm(images, { recursive: true, force: true });
      await harness.close();
    }, 60_000);

    async function launch(runtime: RunSpec['runtime'], change: Partial<RunSpec> = {}): Promise<RunningSandbox> {
      const id = newId();
      await harness.driver.create({ id, run: testRunSpec(runtime, change), codeDir: codeDir(runtime) });
      const sandbox = await harness.driver.start(id);
      live.set(id, sandbox);
      await ready(sandbox);
      return sandbox;
    }

    /** From a runtime that was booted without code; from nothing, where `from` says so. */
    async function launchFrom(
      from: 'nothing' | 'blank',
      runtime: BlankRuntime,
      change: Partial<RunSpec> = {},
    ): Promise<RunningSandbox> {
      if (from === 'nothing') return launch(runtime, change);
      const run = testRunSpec(runtime, change);
      const { id: blankId } = await harness.driver.startBlank(newId(), { runtime, network: run.network });
      const id = newId();
      const sandbox = await harness.driver.specialise(blankId, { id, run, codeDir: codeDir(runtime) });
      live.set(id, sandbox);
      await ready(sandbox);
      return sandbox;
    }

    async function restore(runtime: RunSpec['runtime'], image: string): Promise<RunningSandbox> {
      const id = newId();
      const sandbox = await harness.driver.restore({ id, run: testRunSpec(runtime), codeDir: codeDir(runtime) }, image);
      live.set(id, sandbox);
      await ready(sandbox);
      return sandbox;
    }

    function codeDir(runtime: RunSpec['runtime']): string {
      return runtime === 'python' ? harness.codeDirs.python : harness.codeDirs.node;
    }

    async function destroy(id: string): Promise<void> {
      await harness.driver.destroy(id);
      live.delete(id);
    }

    function talk(sandbox: RunningSandbox, target: string, question: Question = {}): Promise<Answer> {
      const endpoint = sandbox.endpoints[0];
      if (!endpoint) throw new Error('a sandbox without endpoints');
      return ask(endpoint, target, { ...question, headers: { 'x-presage-instance': sandbox.id, ...question.headers } });
    }

    async function json(sandbox: RunningSandbox, target: string): Promise<unknown> {
      const answer = await talk(sandbox, target);
      expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
        status: 200,
        text: '',
      });
      return JSON.parse(answer.text);
    }

    function ready(sandbox: RunningSandbox): Promise<unknown> {
      return waitFor('the instance to listen', async () => {
        const gone = exits.find((exit) => exit.id === sandbox.id);
        if (gone)
          throw new Error(
            `it ended: ${lines
              .map((line) => line.text)
              .slice(-5)
              .join(' | ')}`,
          );
        return (await talk(sandbox, '/_presage/health', { timeoutMs: 2000 })).status === 200;
      });
    }

    async function able(capability: 'pause' | 'checkpoint' | 'restore' | 'blanks'): Promise<boolean> {
      return (await harness.driver.capabilities())[capability];
    }

    const except = (what: ContractException): boolean => harness.exceptions?.[what] !== undefined;

    /** What an instance uses, once that is as much as it should be. */
    function figures(id: string, enough: (used: SandboxStats) => boolean = () => true): Promise<SandboxStats> {
      if (!except('figures')) return harness.driver.stats(id);
      const look = async (): Promise<SandboxStats | null> => {
        const used = await harness.driver.stats(id).catch(() => null);
        return used && enough(used) ? used : null;
      };
      return waitFor('figures', look, LATE_MS);
    }

    test('capabilities: whatever cannot be done has a reason', async () => {
      const { reasons, ...flags } = await harness.driver.capabilities();
      if (Object.values(flags).includes(false)) expect(reasons.length).toBeGreaterThan(0);
      for (const reason of reasons) expect(reason.length).toBeGreaterThan(10);
    });

    describe.each([
      ['nodejs', 'nothing'],
      ['python', 'nothing'],
      ['nodejs', 'blank'],
      ['python', 'blank'],
    ] as const)('%s from %s', (runtime, from) => {
      const possible = async (): Promise<boolean> => from === 'nothing' || able('blanks');

      test('starts, answers, keeps its memory, sees its own environment', async () => {
        if (!(await possible())) return;
        const sandbox = await launchFrom(from, runtime);
        // None where it is on another machine.
        if (sandbox.pid !== 0) expect(sandbox.pid).toBeGreaterThan(1);
        expect(await json(sandbox, '/count')).toMatchObject({ count: 1 });
        expect(await json(sandbox, '/count')).toMatchObject({ count: 2 });
        const echo = await talk(sandbox, '/echo', {
          body: '{"a":[1]}',
          headers: { 'content-type': 'application/json' },
        });
        expect(JSON.parse(echo.text)).toEqual({ a: [1] });
        expect(Number(echo.headers['x-presage-cpu-us'])).toBeGreaterThanOrEqual(0);
        expect((await talk(sandbox, '/env?name=GREETING')).text).toBe('hello');
        const names = (await json(sandbox, '/names')) as string[];
        expect(names.filter((each) => each.startsWith('npm_') || each.startsWith('JEST_'))).toEqual([]);
      }, 60_000);

      test('a paused instance does not answer, a resumed one does', async () => {
        if (!(await possible())) return;
        const sandbox = await launchFrom(from, runtime);
        if (!(await able('pause'))) {
          await expect(harness.driver.pause(sandbox.id)).rejects.toMatchObject({ code: 'unsupported' });
          await expect(harness.driver.resume(sandbox.id)).rejects.toMatchObject({ code: 'unsupported' });
          return;
        }
        await harness.driver.pause(sandbox.id);
        await harness.driver.pause(sandbox.id);
        await expect(talk(sandbox, '/count', { timeoutMs: 300 })).rejects.toThrow('no answer');
        await harness.driver.resume(sandbox.id);
        await harness.driver.resume(sandbox.id);
        // the request that got no answer may have been served meanwhile
        expect(await json(sandbox, '/count')).toMatchObject({ count: expect.any(Number) });
      }, 60_000);

      test('log lines name instance, stream and invocation', async () => {
        if (!(await possible())) return;
        const sandbox = await launchFrom(from, runtime);
        const texts = ['one', 'zwei äöü'];
        await Promise.all(
          texts.map((text, index) =>
            talk(sandbox, `/log?text=${encodeURIComponent(text)}`, {
              headers: { 'x-presage-invocation': `inv-${index}` },
            }),
          ),
        );
        for (const [index, text] of texts.entries()) {
          for (const stream of ['stdout', 'stderr'] as const) {
            const found = await waitFor(`the line on ${stream}`, () =>
              lines.find(
                (line) =>
                  line.instanceId === sandbox.id &&
                  line.text === text &&
                  line.stream === (except('streams') ? 'stdout' : stream),
              ),
            );
            expect(found.invocationId).toBe(`inv-${index}`);
            expect(Math.abs(found.at - Date.now())).toBeLessThan(60_000);
          }
        }
      }, 60_000);

      test('counts CPU and memory', async () => {
        if (!(await possible())) return;
        const sandbox = await launchFrom(from, runtime);
        const before = await figures(sandbox.id);
        await talk(sandbox, '/burn');
        const after = await figures(sandbox.id, ({ cpuMicros }) => cpuMicros - before.cpuMicros > 100_000);
        expect(after.cpuMicros - before.cpuMicros).toBeGreaterThan(100_000);
        expect(after.memoryBytes).toBeGreaterThan(2 ** 20);
        if (!except('figures')) expect(after.pids).toBeGreaterThanOrEqual(1);
      }, 150_000);

      test('tells when it ends by itself', async () => {
        if (!(await possible())) return;
        const sandbox = await launchFrom(from, runtime);
        await expect(talk(sandbox, '/exit')).rejects.toThrow();
        const exit = await waitFor('the exit', () => exits.find((each) => each.id === sandbox.id));
        expect(exit.outOfMemory).toBe(false);
        if (exit.code !== null) expect(exit.code).toBe(3);
      }, 60_000);

      test('a secret reaches the function and no file', async () => {
        if (!(await possible())) return;
        const secret = `s3cret-${randomBytes(8).toString('hex')}`;
        const sandbox = await launchFrom(from, runtime, { secretEnv: { TOKEN: secret } });
        expect((await talk(sandbox, '/env?name=TOKEN')).text).toBe(secret);
        for (const folder of harness.stateDirs) expect(await filesHolding(folder, secret)).toEqual([]);
      }, 60_000);

      test('a clone keeps the memory and gets fresh randomness, its hook runs, its log is its own', async () => {
        if (!(await possible())) return;
        if (!(await able('checkpoint')) || !(await able('restore')) || except('clones')) return;
        const template = await launchFrom(from, runtime);
        for (let count = 0; count < 3; count++) await json(template, '/count');
        await json(template, '/random');
        const before = await talk(template, '/_presage/before-checkpoint', { method: 'POST' });
        expect(before.status).toBe(200);
        const image = path.join(images, template.id);
        const { pauseMs, bytes } = await harness.driver.checkpoint(template.id, image);
        expect(pauseMs).toBeGreaterThan(0);
        expect(bytes).toBeGreaterThan(0);
        await ready(template);
        expect(await json(template, '/count')).toMatchObject({ count: 4, restored: [] });

        const clones = [await restore(runtime, image), await restore(runtime, image), await restore(runtime, image)];
        const seen = new Set((await json(template, '/random')) as string[]);
        for (const clone of clones) {
          const { count, restored } = (await json(clone, '/count')) as { count: number; restored: string[] };
          expect({ count, hooks: restored.length }).toEqual({ count: 4, hooks: 1 });
          for (const value of [...restored, ...((await json(clone, '/random')) as string[])]) {
            expect(seen).not.toContain(value);
            seen.add(value);
          }
          await talk(clone, `/log?text=from-${clone.id}`, { headers: { 'x-presage-invocation': 'inv-clone' } });
        }
        for (const clone of clones) {
          const found = await waitFor('the line', () => lines.find((line) => line.text === `from-${clone.id}`));
          expect(found).toMatchObject({ instanceId: clone.id, invocationId: 'inv-clone' });
        }
        await harness.driver.pause(clones[0]!.id);
        await expect(talk(clones[0]!, '/count', { timeoutMs: 300 })).rejects.toThrow('no answer');
        await harness.driver.resume(clones[0]!.id);
        await ready(clones[0]!);
      }, 120_000);
    });

    test('destroy leaves nothing, and may be repeated', async () => {
      const sandbox = await launch('nodejs');
      await destroy(sandbox.id);
      await harness.driver.destroy(sandbox.id);
      await expect(talk(sandbox, '/count', { timeoutMs: 2000 })).rejects.toThrow();
      expect(runs(sandbox.pid)).toBe(false);
      await waitFor('the exit', () => exits.find((exit) => exit.id === sandbox.id));
      for (const folder of harness.stateDirs) expect(await namesHolding(folder, sandbox.id)).toEqual([]);
      await harness.driver.destroy(newId());
    }, 60_000);

    test('a frozen instance can be destroyed, one that was never started too', async () => {
      const sandbox = await launch('nodejs');
      if (await able('pause')) await harness.driver.pause(sandbox.id);
      await destroy(sandbox.id);
      expect(runs(sandbox.pid)).toBe(false);
      const id = newId();
      await harness.driver.create({ id, run: testRunSpec('nodejs'), codeDir: harness.codeDirs.node });
      await harness.driver.destroy(id);
      for (const folder of harness.stateDirs) expect(await namesHolding(folder, id)).toEqual([]);
    }, 60_000);

    test.each(BLANK_RUNTIMES)(
      'a blank %s becomes an instance like any other',
      async (runtime) => {
        if (!(await able('blanks'))) return;
        const change = { network: 'egress', secretEnv: { TOKEN: 'one' } } as const;
        const ordinary = await launch(runtime, change);
        const sandbox = await launchFrom('blank', runtime, change);
        expect(((await json(sandbox, '/names')) as string[]).sort()).toEqual(
          ((await json(ordinary, '/names')) as string[]).sort(),
        );
        for (const name of ['PATH', 'HOME', 'PRESAGE_CODE', 'PRESAGE_HANDLER', 'TOKEN']) {
          const wanted = (await talk(ordinary, `/env?name=${name}`)).text;
          expect((await talk(sandbox, `/env?name=${name}`)).text).toBe(wanted);
        }
      },
      60_000,
    );

    test('blanks: one may be ended; each becomes one instance only, of its own kind; failures leave nothing', async () => {
      const { driver, codeDirs } = harness;
      const kind = { runtime: 'nodejs', network: 'egress' } as const;
      if (!(await able('blanks'))) {
        await expect(driver.startBlank(newId(), kind)).rejects.toMatchObject({ code: 'unsupported' });
        return;
      }
      const [unused, taken, wrong] = [newId(), newId(), newId()];
      const run = testRunSpec('nodejs', { network: 'egress' });
      expect((await driver.startBlank(unused, kind)).memoryBytes).toBeGreaterThan(0);
      expect((await driver.stats(unused)).memoryBytes).toBeGreaterThan(0);
      await driver.destroy(unused);
      await driver.destroy(unused);
      await expect(driver.stats(unused)).rejects.toMatchObject({ code: 'not_found' });

      await driver.startBlank(taken, kind);
      const id = newId();
      live.set(id, await driver.specialise(taken, { id, run, codeDir: codeDirs.node }));
      const again = driver.specialise(taken, { id: newId(), run, codeDir: codeDirs.node });
      await expect(again).rejects.toMatchObject({ code: 'not_found' });

      for (const other of [{ runtime: 'python' }, { network: 'none' }] as const) {
        await driver.startBlank(wrong, { ...kind, ...other });
        const odd = newId();
        const misfit = driver.specialise(wrong, { id: odd, run, codeDir: codeDirs.node });
        await expect(misfit).rejects.toMatchObject({ code: 'start_failed' });
        await expect(driver.stats(wrong)).rejects.toMatchObject({ code: 'not_found' });
        for (const folder of harness.stateDirs) expect(await namesHolding(folder, odd)).toEqual([]);
      }
    }, 60_000);

    test('what it cannot do is refused as unsupported', async () => {
      const sandbox = await launch('nodejs');
      const image = path.join(images, newId());
      const spec = { id: newId(), run: testRunSpec('nodejs'), codeDir: harness.codeDirs.node };
      if (!(await able('checkpoint'))) {
        await expect(harness.driver.checkpoint(sandbox.id, image)).rejects.toMatchObject({ code: 'unsupported' });
      }
      const code = (await able('restore')) ? 'restore_failed' : 'unsupported';
      await expect(harness.driver.restore(spec, image)).rejects.toMatchObject({ code });
      for (const folder of harness.stateDirs) expect(await namesHolding(folder, spec.id)).toEqual([]);
    }, 60_000);

    test('an unknown instance is not found', async () => {
      await expect(harness.driver.start(newId())).rejects.toMatchObject({ code: 'not_found' });
      const pause = (await able('pause')) ? 'not_found' : 'unsupported';
      await expect(harness.driver.pause(newId())).rejects.toMatchObject({ code: pause });
      await expect(harness.driver.stats(newId())).rejects.toMatchObject({ code: 'not_found' });
    });

    test('the host key is stable and tells runtimes apart', async () => {
      const key = await harness.driver.hostKey('nodejs');
      expect(await harness.driver.hostKey('nodejs')).toBe(key);
      expect(await harness.driver.hostKey('python')).not.toBe(key);
    });

    // Last: from here on instances belong to the second driver.
    test('a second driver takes over what the first left when it died', async () => {
      const awake = await launch('nodejs', { secretEnv: { TOKEN: 'for-the-function-only' } });
      const frozen = await launch('python');
      await json(awake, '/count');
      const pauses = await able('pause');
      if (pauses) await harness.driver.pause(frozen.id);
      const unborn = newId();
      await harness.driver.create({ id: unborn, run: testRunSpec('nodejs'), codeDir: harness.codeDirs.node });
      const blank = newId();
      if (await able('blanks')) await harness.driver.startBlank(blank, { runtime: 'nodejs', network: 'none' });

      const second = harness.another();
      const heard: SandboxLogLine[] = [];
      const ends: string[] = [];
      await second.open({ logged: (line) => void heard.push(line), exited: (id) => void ends.push(id) });
      drivers.unshift(second);
      const found = new Map((await second.recover()).map((each) => [each.id, each]));
      expect([...found.keys()].sort()).toEqual([awake.id, frozen.id].sort());
      expect(found.get(awake.id)).toMatchObject({ pid: awake.pid, frozen: false, run: { function: 'sample' } });
      expect(found.get(awake.id)?.run.secretEnv).toEqual({});
      expect(found.get(frozen.id)?.frozen).toBe(pauses);
      await expect(second.stats(blank)).rejects.toMatchObject({ code: 'not_found' });

      expect(await json(found.get(awake.id)!, '/count')).toMatchObject({ count: 2 });
      if (pauses) await second.resume(frozen.id);
      expect(await json(found.get(frozen.id)!, '/count')).toMatchObject({ count: 1 });
      if (pauses) {
        await second.pause(awake.id);
        await second.resume(awake.id);
      }
      if (!except('figures')) expect((await second.stats(awake.id)).memoryBytes).toBeGreaterThan(0);
      // both drivers still read the same log pipe here, so a line may reach either
      await talk(found.get(awake.id)!, '/log?text=still-heard');
      await waitFor('a line', () => [...heard, ...lines].find((line) => line.text === 'still-heard'));

      await expect(talk(found.get(awake.id)!, '/exit')).rejects.toThrow();
      await waitFor('the exit', () => ends.includes(awake.id));
      for (const id of [awake.id, frozen.id]) await second.destroy(id);
      expect(runs(frozen.pid)).toBe(false);
      for (const id of [awake.id, frozen.id, unborn]) {
        for (const folder of harness.stateDirs) expect(await namesHolding(folder, id)).toEqual([]);
      }
    }, 120_000);
  });
}

/** Files below a folder that hold a text. Pipes and sockets are left out. */
async function filesHolding(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if ((await readFile(file).catch(() => Buffer.alloc(0))).includes(text)) found.push(file);
  }
  return found;
}

async function namesHolding(folder: string, text: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => name.includes(text));
}
