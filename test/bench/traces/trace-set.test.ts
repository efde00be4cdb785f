import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { holdsCounts, readTraceSet } from '../../../bench/traces/trace-set';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-traces-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
}

test('packed counts and the facts beside them', () => {
  write({
    'counts.csv.gz': gzipSync('a,0,2,1\nb,1,0,0\n'),
    'functions.csv': 'function_id,core,pattern,tier\na,1,timer,T1\nb,0,bursty,T3\n',
  });
  const { kind, functions } = readTraceSet(folder);
  expect(kind).toBe('functions');
  expect(functions.map(({ id, tier, pattern, core }) => [id, tier, pattern, core])).toEqual([
    ['a', 'T1', 'timer', true],
    ['b', 'T3', 'bursty', false],
  ]);
  expect([...(functions[0]?.counts ?? [])]).toEqual([0, 2, 1]);
});

test('counts alone are enough: the tier is told by the rate', () => {
  write({ 'counts.csv': ['a,0,0', 'b,3,2', 'c,1,0'].join('\n') });
  expect(readTraceSet(folder).functions.map(({ tier, core }) => [tier, core])).toEqual([
    ['T0', true],
    ['T3', true],
    ['T2', true],
  ]);
});

test('series differ in length, have their own clock and notes with commas', () => {
  write({
    'counts.csv': 'x,1,2,3\ny,1\n',
    'series.csv': 'series_id,start,note\nx,1995-07-01T00:00-04:00 (Saturday),"one, two"\ny,day 1 = Monday,\n',
  });
  const { kind, functions } = readTraceSet(folder);
  expect(kind).toBe('series');
  const weekday = (minute: number): number => new Date(minute * 60_000).getUTCDay();
  expect(functions.map(({ firstMinute }) => [weekday(firstMinute), firstMinute % 1_440])).toEqual([
    [6, 0],
    [1, 0],
  ]);
});

test('all that is wrong is told at once, with its place', () => {
  write({
    'counts.csv': 'a,0,1,2\na,0,1,2\nb,0,-1,2\nc,0,x,2\nd,1\ne,0,,2\n',
    'functions.csv': 'function_id,core,tier\na,2,T1\nb,1,\nc,1,T1\nd,1,T1\n',
  });
  const read = (): unknown => readTraceSet(folder);
  expect(read).toThrow(RangeError);
  for (const problem of [
    /line 2: a was there before/,
    /line 3: minute 1 of b is "-1"/,
    /line 4: minute 1 of c is "x"/,
    /line 6: minute 1 of e is ""/,
    /line 2: core: core must be 0 or 1/,
    /line 3: tier: tier is empty/,
    /no line in functions.csv for e/,
    /a has 3, not so d;/,
  ]) {
    expect(read).toThrow(problem);
  }
});

test('a folder without counts, an empty file and a file that is not packed are refused', () => {
  expect(holdsCounts(folder)).toBe(false);
  expect(() => readTraceSet(folder)).toThrow(/neither counts.csv.gz nor counts.csv/);
  write({ 'counts.csv': '\n' });
  expect(() => readTraceSet(folder)).toThrow(/is empty/);
  write({ 'counts.csv.gz': 'a,1,2' });
  expect(() => readTraceSet(folder)).toThrow(/counts.csv.gz cannot be read/);
});

test('many problems are cut short', () => {
  write({ 'counts.csv': Array.from({ length: 50 }, (_, index) => `f${index},-1`).join('\n') });
  expect(() => readTraceSet(folder)).toThrow(/and 30 more/);
});
