import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { benchTraces } from '../../../bench/forecast/bench-traces';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-traces-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder of both sets, cut for development', () => {
  for (const name of ['azure12d', 'series']) mkdirSync(path.join(folder, name));
  const line = (length: number): string => `a,${Array.from({ length }, (_, minute) => minute).join(',')}\n`;
  writeFileSync(path.join(folder, 'azure12d', 'counts.csv'), line(600));
  writeFileSync(path.join(folder, 'series', 'counts.csv'), line(900));
  writeFileSync(path.join(folder, 'series', 'series.csv'), 'series_id\na\n');
  const whole = benchTraces(folder, undefined);
  expect([whole.functions[0]?.counts.length, whole.series[0]?.counts.length]).toEqual([600, 900]);
  const early = benchTraces(folder, 450);
  expect([early.functions[0]?.counts.length, early.series[0]?.counts.length]).toEqual([450, 600]);
});

test('a folder that holds counts itself, such as the shipped slice', () => {
  const { functions, series } = benchTraces(path.resolve('bench/data/azure12d'), undefined);
  expect([functions.length, series.length]).toEqual([102, 0]);
});

test('a folder without traces is refused with what is needed', () => {
  expect(() => benchTraces(folder, undefined)).toThrow(/holds no traces: a folder with counts.csv.gz/);
  expect(() => benchTraces(path.join(folder, 'nowhere'), undefined)).toThrow(RangeError);
});
