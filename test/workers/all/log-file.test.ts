import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LogFile } from '../../../workers/all/process/log-file';

describe('LogFile', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'presage-log-'));
    file = path.join(folder, 'deep', 'a.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('puts a large file aside and keeps only so many', () => {
    const log = new LogFile(file, { maxBytes: 10, keep: 2 });
    expect(log.rotateIfLarge()).toBe(false);
    for (const text of ['first.....first', 'second....second', 'third.....third']) {
      appendFileSync(file, text);
      expect(log.rotateIfLarge()).toBe(true);
    }
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('third.....third');
    expect(readFileSync(`${file}.2`, 'utf8')).toBe('second....second');
    expect(existsSync(`${file}.3`)).toBe(false);
  });

  it('leaves a child that writes to it undisturbed', async () => {
    const log = new LogFile(file, { maxBytes: 3 });
    const script = 'process.stdin.once("data", () => console.log("after")); console.log("before");';
    const child = log.openForChild((descriptor) =>
      spawn(process.execPath, ['-e', script], { stdio: ['pipe', descriptor, descriptor] }),
    );
    while (log.size() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log.rotateIfLarge()).toBe(true);
    child.stdin?.end('go');
    await once(child, 'exit');
    expect(log.lastLines(5)).toEqual(['after']);
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('before\n');
  });

  it('gives the last lines since a place, also after the file was cut', () => {
    const log = new LogFile(file);
    appendFileSync(file, 'one\ntwo\n');
    const place = log.size();
    appendFileSync(file, 'three\nfour\n');
    expect(log.lastLines(5, place)).toEqual(['three', 'four']);
    expect(log.lastLines(1)).toEqual(['four']);
    expect(log.lastLines(9, place + 1000)).toEqual(['one', 'two', 'three', 'four']);
  });
});
