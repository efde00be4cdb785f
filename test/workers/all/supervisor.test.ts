import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LogFile } from '../../../workers/all/process/log-file';
import { PidFiles, type PidRecord } from '../../../workers/all/process/pid-files';
import { identify, isRunning, isStopped, signal } from '../../../workers/all/process/process-identity';
import { startChild } from '../../../workers/all/supervisor/child';
import type { Service } from '../../../workers/all/supervisor/service';
import { fingerprintOf } from '../../../workers/all/supervisor/supervised-service';
import { STOP_ORDER, Supervisor } from '../../../workers/all/supervisor/supervisor';

const READY_MS = 20_000;

describe('Supervisor', () => {
  let folder: string;
  let pids: PidFiles;
  let said: string[];
  let supervisors: Supervisor[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'presage-supervisor-'));
    pids = new PidFiles(path.join(folder, 'pids'));
    said = [];
    supervisors = [];
  });
  afterEach(async () => {
    await Promise.all(supervisors.map((supervisor) => supervisor.stop(STOP_ORDER)));
    rmSync(folder, { recursive: true, force: true });
  });

  function supervisor(): Supervisor {
    const made = new Supervisor(pids, path.join(folder, 'logs'), (line) => said.push(line));
    supervisors.push(made);
    return made;
  }

  /** A small process that says when it is up, and writes its name down when it is asked to end. */
  function service(name: string, script = '', env: NodeJS.ProcessEnv = {}): Service {
    const up = path.join(folder, `${name}.up`);
    const body = `
      const fs = require('node:fs');
      process.on('SIGTERM', () => { fs.appendFileSync('${folder}/ended', '${name}\\n'); process.exit(0); });
      setInterval(() => {}, 1000);
      ${script}
      fs.writeFileSync('${up}', String(process.pid));`;
    return {
      name,
      command: process.execPath,
      args: ['-e', body],
      env,
      cwd: folder,
      commandWord: 'node',
      stopSignal: 'SIGTERM',
      stopTimeoutMs: READY_MS,
      readyTimeoutMs: READY_MS,
      probe: (pid) => Promise.resolve(existsSync(up) && readFileSync(up, 'utf8') === String(pid)),
    };
  }

  async function until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + READY_MS;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error('waited too long');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('ends its services face first, stores last', async () => {
    const one = supervisor();
    const names = ['postgres', 'agent-local', 'gateway', 'control'];
    await Promise.all(names.map((name) => one.start(service(name))));
    await one.stop(STOP_ORDER);
    expect(readFileSync(path.join(folder, 'ended'), 'utf8').trim().split('\n')).toEqual([
      'gateway',
      'control',
      'agent-local',
      'postgres',
    ]);
    expect(pids.allRunning()).toEqual([]);
  });

  it('starts a killed one again', async () => {
    await supervisor().start(service('control'));
    const first = pids.running('control');
    if (!first) throw new Error('no record');
    signal(first, 'SIGKILL');
    await until(() => (pids.running('control')?.pid ?? first.pid) !== first.pid);
    expect(said).toEqual(['control ended with signal SIGKILL; starting it again in 250 ms']);
  });

  it('tells one that was stopped to go on', async () => {
    const { pid } = await supervisor().start(service('gateway'));
    const identity = identify(pid ?? 0);
    if (!identity) throw new Error('it does not run');
    signal(identity, 'SIGSTOP');
    await until(() => isStopped(identity));
    await until(() => !isStopped(identity));
    expect(isRunning(identity)).toBe(true);
    expect(said).toContain('gateway was stopped by a signal and goes on now');
  });

  it('gives up one that dies before it is ready, with its last lines', async () => {
    const dying = service('agent-local', 'console.log("hello"); console.error("the reason"); process.exit(3);');
    await expect(supervisor().start(dying)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /agent-local ended with status 3 before it was ready, 3 times.*the reason/s,
      ) as string,
    });
  });

  it('gives up one whose program is not there', async () => {
    const absent = { ...service('temporal'), command: '/nowhere/temporal' };
    await expect(supervisor().start(absent)).rejects.toThrow(/temporal .*\/nowhere\/temporal/);
  });

  it('gives up one that is not ready in time', async () => {
    const slow = { ...service('gateway'), readyTimeoutMs: 50, probe: () => Promise.resolve(false) };
    await expect(supervisor().start(slow)).rejects.toThrow('gateway was not ready after 0 s');
  });

  it('kills one that does not end when asked', async () => {
    const one = supervisor();
    const stubborn = service('gateway', "process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {});");
    await one.start({ ...stubborn, stopTimeoutMs: 50 });
    const { pid } = pids.running('gateway') ?? { pid: 0 };
    await one.stop(STOP_ORDER);
    expect(identify(pid)).toBeNull();
    expect(said).toEqual(['gateway did not end within 0.05 s and was killed']);
  });

  it('adopts what a killed supervisor left, watches over it, and ends it', async () => {
    const left = await leave(service('control'));
    const next = supervisor();
    expect(await next.start(service('control'))).toEqual({ adopted: true, pid: left.pid });
    signal(left, 'SIGKILL');
    await until(() => (pids.running('control')?.pid ?? left.pid) !== left.pid);
    expect(said).toEqual(['control ended with an end unseen; starting it again in 250 ms']);
    await next.stop(STOP_ORDER);
    expect(pids.allRunning()).toEqual([]);
  });

  it('ends what runs with other settings and starts it anew', async () => {
    const left = await leave(service('control', '', { PRESAGE_X: '1' }));
    const { adopted, pid } = await supervisor().start(service('control', '', { PRESAGE_X: '2' }));
    expect(adopted).toBe(false);
    expect(pid).not.toBe(left.pid);
    expect(isRunning(left)).toBe(false);
  });

  /** A process and its record as a supervisor leaves them that is killed. */
  async function leave(what: Service): Promise<PidRecord> {
    const log = new LogFile(path.join(folder, 'logs', 'left.log'));
    const { record } = startChild(what, log, fingerprintOf(what), new Date());
    pids.write(record);
    while (!(await what.probe(record.pid))) await new Promise((resolve) => setTimeout(resolve, 10));
    return record;
  }
});
