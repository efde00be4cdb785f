import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSimulatedDriver } from '../../../../drivers/sandbox/simulated/simulated-driver';
import { SimulatedMachine } from '../../../../drivers/sandbox/simulated/simulated-machine';
import { ask } from '../ask';
import { testRunSpec } from '../run-spec';
import { describeSandboxContract } from '../sandbox-contract';
import { contractHandler } from './contract-handler';

const instant = { random: Math.random, sleep: () => Promise.resolve() };

describeSandboxContract('simulated', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'presage-simulated-'));
  const runDir = path.join(root, 'run');
  await mkdir(runDir);
  const machine = new SimulatedMachine(Date.now, { runDir, handler: contractHandler });
  return {
    driver: createSimulatedDriver({ ...instant, machine }),
    another: () => createSimulatedDriver({ ...instant, machine }),
    codeDirs: { node: root, python: root },
    stateDirs: [runDir],
    imageDir: path.join(root, 'images'),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

describe('simulated driver', () => {
  const silent = { logged: () => undefined, exited: () => undefined };
  const spec = (id: string) => ({ id, run: testRunSpec('nodejs'), codeDir: '/nowhere' });

  test('takes the time of the simulation, drawn with its randomness', async () => {
    const slept: number[] = [];
    const driver = createSimulatedDriver({
      random: () => 0.5,
      sleep: (ms) => Promise.resolve(void slept.push(ms)),
      machine: new SimulatedMachine(() => 0),
    });
    await driver.open(silent);
    await driver.create(spec('a'));
    await driver.start('a');
    await driver.pause('a');
    await driver.resume('a');
    expect(slept).toEqual([174, 0.44]);
  });

  test('fails and crashes when told to', async () => {
    const exits: unknown[] = [];
    const driver = createSimulatedDriver({ ...instant, machine: new SimulatedMachine(() => 0) });
    await driver.open({ ...silent, exited: (id, how) => void exits.push({ id, ...how }) });
    driver.failNext('start');
    driver.failNext('restore', undefined, 2);
    await driver.create(spec('a'));
    await expect(driver.start('a')).rejects.toMatchObject({ code: 'start_failed' });
    await driver.start('a');
    await expect(driver.restore(spec('b'), '/nowhere')).rejects.toThrow('simulated failure of restore');
    await expect(driver.restore(spec('b'), '/nowhere')).rejects.toThrow('simulated failure of restore');
    await expect(driver.restore(spec('b'), '/nowhere')).rejects.toThrow('no image');
    await driver.crash('a', { outOfMemory: true });
    expect(exits).toEqual([{ id: 'a', code: null, signal: 'SIGSEGV', outOfMemory: true }]);
    expect(driver.machine.instances.size).toBe(0);
  });

  test('echoes where no handler is given', async () => {
    const runDir = mkdtempSync(path.join(tmpdir(), 'presage-echo-'));
    const driver = createSimulatedDriver({ ...instant, machine: new SimulatedMachine(Date.now, { runDir }) });
    await driver.open(silent);
    await driver.create(spec('a'));
    const { endpoints } = await driver.start('a');
    const answer = await ask(endpoints[0]!, '/x?y=1', { body: 'hello' });
    expect(JSON.parse(answer.text)).toEqual({ instance: 'a', method: 'POST', path: '/x?y=1', body: 'hello' });
    await driver.close({ destroyAll: true });
    await rm(runDir, { recursive: true, force: true });
  });
});
