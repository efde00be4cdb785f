import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PidFiles, recordOf, type PidRecord } from '../../../workers/all/process/pid-files';
import { commandLine, identify, isRunning, signal } from '../../../workers/all/process/process-identity';

describe('processes that outlive their supervisor', () => {
  let folder: string;
  let pids: PidFiles;
  let child: ChildProcess;
  let record: PidRecord;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'presage-pids-'));
    pids = new PidFiles(folder);
    child = spawn('sleep', ['1000']);
    await once(child, 'spawn');
    const made = child.pid === undefined ? null : recordOf(child.pid, 'sleeper', 'sleep', 'f', new Date(0));
    if (!made) throw new Error('sleep did not start');
    record = made;
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is found again while it runs, and forgotten after', async () => {
    pids.write(record);
    expect(pids.running('sleeper')).toEqual(record);
    expect(pids.allRunning()).toEqual([record]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(pids.running('sleeper')).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['started at another time', { startTicks: 1 }],
    ['of another boot', { bootId: 'another' }],
    ['with another command', { commandWord: 'postgres' }],
  ])('is not taken for a process %s that has its number', (_what, difference) => {
    pids.write({ ...record, ...difference });
    expect(pids.running('sleeper')).toBeNull();
    expect(isRunning(record)).toBe(true);
  });

  it('never signals a process that only has its number', () => {
    expect(signal({ ...record, startTicks: record.startTicks + 1 }, 'SIGKILL')).toBe(false);
    expect(isRunning(record)).toBe(true);
    expect(signal(record, 'SIGKILL')).toBe(true);
  });

  it('can be claimed once', () => {
    expect(pids.claim(record)).toBe(true);
    expect(pids.claim(record)).toBe(false);
    pids.remove('sleeper');
    expect(pids.claim(record)).toBe(true);
  });

  it('ignores a record that it cannot read', () => {
    writeFileSync(path.join(folder, 'broken.json'), '{"name":');
    expect(pids.allRunning()).toEqual([]);
  });

  it('knows itself', () => {
    expect(identify(process.pid)).toMatchObject({ pid: process.pid });
    expect(commandLine(process.pid).length).toBeGreaterThan(0);
    expect(identify(2 ** 22 + 1)).toBeNull();
  });
});
