import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxListener } from '../../../../drivers/sandbox/sandbox';
import { startTimeOf } from '../../../../drivers/sandbox/runc/process-table';
import { ensureBase } from '../../../../drivers/sandbox/runc/setup/ensure-base';
import { runTool } from '../../../../drivers/sandbox/runc/setup/run-tool';
import { waitFor } from '../../../drivers/sandbox/wait-for';
import { RuncHarness } from './runc-harness';

/** What a driver of that run folder leaves on the machine, as lists to be compared. */
async function traces(harness: RuncHarness): Promise<Record<string, string[]>> {
  const key = createHash('sha256').update(harness.options.runDir).digest('hex').slice(0, 6);
  const folder = harness.root;
  const processes = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      // one that is dead and waits for the machine's first process to take note is not ours any more
      if (startTimeOf(Number(pid)) === undefined) return false;
      return groups.includes(key) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
  const lines = (text: string): string[] =>
    text.split('\n').filter((line) => line.includes(key) || line.includes(folder));
  const groups = readdirSync('/sys/fs/cgroup').filter((name) => existsSync(`/sys/fs/cgroup/${name}/presage-${key}`));
  return {
    processes,
    mounts: lines(readFileSync('/proc/self/mounts', 'utf8')),
    sockets: lines(readFileSync('/proc/net/unix', 'utf8')),
    links: lines(await runTool('ip', ['-o', 'link'])),
    namespaces: lines(await runTool('ip', ['netns', 'list'])),
    tables: lines(await runTool('nft', ['list', 'tables'])),
    groups: groups,
    folders: existsSync(harness.options.runDir) ? readdirSync(harness.options.runDir) : [],
    claims: existsSync('/run/presage/subnets') ? lines(await runTool('ls', ['-l', '/run/presage/subnets'])) : [],
  };
}

const NOTHING = {
  processes: [],
  mounts: [],
  sockets: [],
  links: [],
  namespaces: [],
  tables: [],
  groups: [],
  folders: [],
  claims: [],
};

/** Processes in the driver's groups that run a program of that name. */
function processesOf(harness: RuncHarness, program: string): number[] {
  const key = createHash('sha256').update(harness.options.runDir).digest('hex').slice(0, 6);
  return readdirSync('/proc')
    .filter((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(key);
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program);
      } catch {
        return false;
      }
    })
    .map(Number);
}

const deaf: SandboxListener = { exited: () => undefined, logged: () => undefined };

describe('what is left behind', () => {
  const harnesses: RuncHarness[] = [];
  afterEach(async () => {
    for (const harness of harnesses.splice(0)) await harness.close();
  }, 60_000);

  function newHarness(): RuncHarness {
    const harness = new RuncHarness();
    harnesses.push(harness);
    return harness;
  }

  test('nothing, after good starts, bad starts, deaths and a close', async () => {
    const harness = newHarness();
    await harness.open();
    const { driver } = harness;
    const template = await harness.launch({ network: 'egress' });
    const image = harness.image();
    await driver.checkpoint(template.id, image);
    const clones = await Promise.all(Array.from({ length: 6 }, () => harness.restore(image)));
    await driver.pause(clones[0]!.id);

    const missing = harness.spec({ command: ['no-such-program'] });
    await driver.create(missing);
    await expect(driver.start(missing.id)).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('no-such-program'),
    });
    await driver.startBlank(harness.newId(), { runtime: 'nodejs', network: 'egress' });
    const python = { runtime: 'python', network: 'none' } as const;
    const specialised = await harness.specialise();
    expect((await harness.run(specialised, 'out = 7')).out).toBe(7);
    const mistaken = harness.handlerSpec({ handler: 'missing.handler' });
    await driver.specialise((await driver.startBlank(harness.newId(), python)).id, mistaken);
    await waitFor('the exit', () => harness.exits.has(mistaken.id));
    const dead = await driver.startBlank(harness.newId(), python);
    for (const pid of processesOf(harness, 'python/shim.py')) process.kill(pid, 'SIGKILL');
    await expect(driver.specialise(dead.id, harness.handlerSpec())).rejects.toMatchObject({ code: 'start_failed' });

    const doomed = await harness.restore(image);
    await Promise.all([driver.destroy(doomed.id), driver.destroy(doomed.id)]);
    const unstarted = harness.spec();
    await driver.create(unstarted);
    const short = harness.spec({ command: ['sh', '-c', 'exit 3'] });
    await driver.create(short);
    await driver.start(short.id).catch((error: unknown) => expect(error).toMatchObject({ code: 'start_failed' }));

    const broken = harness.image();
    await mkdir(broken, { recursive: true });
    await expect(driver.restore(harness.spec(), broken)).rejects.toMatchObject({ code: 'restore_failed' });
    await runTool('cp', ['-a', image, `${broken}-2`]);
    await writeFile(path.join(`${broken}-2`, 'pstree.img'), 'nonsense');
    await expect(driver.restore(harness.spec(), `${broken}-2`)).rejects.toMatchObject({
      code: 'restore_failed',
      message: expect.not.stringContaining('did not say why'),
    });
    process.kill(clones[1]!.pid, 'SIGKILL');
    await waitFor('the exit', () => harness.exits.has(clones[1]!.id));
    expect(await Promise.all(clones.slice(2).map(async (clone) => (await harness.run(clone, 'out = 7')).out))).toEqual([
      7, 7, 7, 7,
    ]);

    await harness.close();
    expect(await traces(harness)).toEqual(NOTHING);
  }, 120_000);

  test('a killed agent’s instances go on, the next agent takes them over and clears the rest away', async () => {
    const harness = newHarness();
    const [start, create, clone] = [harness.spec({ secretEnv: { KEY: 'value' } }), harness.spec(), harness.spec()];
    const specialised = harness.handlerSpec();
    const image = harness.image();
    const { options } = harness;
    const agent = spawn(
      process.execPath,
      [
        ...['-r', path.join(__dirname, '../../support/run-typescript.js')],
        path.join(__dirname, 'probe/doomed-agent.ts'),
        JSON.stringify({ options, start, create, image, clone, specialised }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(agent.stdout, 'data');
    agent.kill('SIGKILL');
    await once(agent, 'exit');

    // nobody reads now: writing must neither fail nor, up to a pipeful, block
    const socket = (id: string): string => path.join(options.runDir, 'i', id, 'fn/http.sock');
    for (const id of [start.id, clone.id, specialised.id]) {
      const orphan = { id, pid: 0, endpoints: [{ kind: 'unix' as const, path: socket(id) }] };
      expect(await harness.run(orphan, `print('to nobody', flush=True); out = 'written'`)).toEqual({ out: 'written' });
    }

    await harness.driver.open({
      ...deaf,
      logged: (line) => void harness.lines.push(line),
      exited: (id, how) => void harness.exits.set(id, how),
    });
    const found = await harness.driver.recover();
    expect(found.map(({ id }) => id).sort()).toEqual([start.id, clone.id, specialised.id].sort());
    // the blank that nobody had needed
    expect(processesOf(harness, 'nodejs/shim.js')).toEqual([]);
    expect(existsSync(path.join(options.runDir, 'i', create.id))).toBe(false);
    for (const sandbox of found) {
      await waitFor('the line from before', () =>
        harness.lines.some((line) => line.instanceId === sandbox.id && line.text === 'to nobody'),
      );
      expect(sandbox.run.secretEnv).toEqual({});
    }
    const [first] = found;
    await harness.run(first!, 'import os; os._exit(1)').catch(() => undefined);
    await waitFor('the exit', () => harness.exits.has(first!.id));
    await harness.close();
    expect(await traces(harness)).toEqual(NOTHING);
  }, 120_000);

  test('a flood of lines is cut, and what is left out is told', async () => {
    const harness = newHarness();
    await harness.open();
    const sandbox = await harness.launch();
    await harness.run(
      sandbox,
      `
import time
for second in range(2):
    for line in range(20000): print('line', line)
    time.sleep(1.1)
print('the end', flush=True)`,
    );
    await waitFor('the last line', () => harness.lines.some((line) => line.text === 'the end'));
    expect(harness.lines.length).toBeLessThan(20_000);
    expect(harness.lines.some((line) => /\d+ lines were left out/.test(line.text))).toBe(true);
    await harness.close();
  }, 60_000);

  test('an image with a root of its own runs, is checkpointed and restored', async () => {
    const harness = newHarness();
    await harness.open();
    const root = path.join(harness.root, 'oci');
    await runTool('cp', ['-a', await ensureBase('python3', harness.options.cacheDir, () => undefined), root]);
    await runTool('rm', ['-rf', `${root}/dev`, `${root}/run`, `${root}/var`]);
    await mkdir(path.join(root, 'app'));
    await runTool('cp', [path.join(harness.codeDir, 'probe.py'), path.join(root, 'app')]);
    const spec = {
      ...harness.spec({ codeKind: 'oci', command: ['/usr/bin/python3', '/app/probe.py', 'unix'] }),
      codeDir: root,
    };
    await harness.driver.create(spec);
    const template = await harness.ready(await harness.driver.start(spec.id));
    expect(
      (await harness.run(template, `import os; out = [os.getcwd(), os.path.exists('/app/probe.py')]`)).out,
    ).toEqual(['/', true]);
    const image = harness.image();
    await harness.driver.checkpoint(template.id, image);
    await harness.ready(await harness.driver.restore({ ...spec, id: harness.newId() }, image));
    await harness.close();
    expect(await traces(harness)).toEqual(NOTHING);
  }, 60_000);
});
