import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { policyTraces } from '../../../../bench/policy/traces/policy-traces';
import { readRequestTimes } from '../../../../bench/policy/traces/request-times';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'presage-policy-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

const line = (id: string, minutes: number): string => `${id},${new Array(minutes).fill(1).join(',')}\n`;
const OWN = 'function_id,trigger,dur_p50_ms,dur_p99_ms,mem_avg_mb\nh,timer,100,300,170\n';

test('days borrow times and memory from the functions of the hours; requests have their own', () => {
  write({
    'azure12d/counts.csv': line('d', 7_200),
    'azure12d/functions.csv': 'function_id,pattern\nd,diurnal\n',
    'azure8h/counts.csv': line('h', 480),
    'azure8h/functions.csv': OWN,
    'requests/code.csv.gz': gzipSync('t_s,context_tokens,generated_tokens\n0,5,4\n1.5,5,40\n'),
  });
  const { days, hours, requests } = policyTraces(folder);
  expect(days?.sources[0]).toMatchObject({ id: 'd', pattern: 'diurnal', p50Ms: 100, p99Ms: 300, memoryMb: 170 });
  expect([days?.drawn, days?.minutes]).toEqual([true, 7_200]);
  expect(hours?.sources[0]).toMatchObject({ id: 'h', pattern: 'timer', memoryMb: 170 });
  expect(hours?.drawn).toBe(false);
  expect(requests.map(({ id, at, executeSeconds }) => [id, [...at], [...executeSeconds]])).toEqual([
    ['code', [0, 1.5], [0.2, 1.1]],
  ]);
});

test('a folder that holds counts itself is long or short by its minutes', () => {
  write({ 'counts.csv': line('h', 480), 'functions.csv': OWN });
  expect(policyTraces(folder)).toMatchObject({ days: null, hours: { drawn: false, minutes: 480 } });
});

test('what is missing is told with what would mend it', () => {
  expect(() => policyTraces(path.join(folder, 'nowhere'))).toThrow(/holds no traces: pass --data DIR/);
  write({ 'azure12d/note.txt': '' });
  expect(() => policyTraces(folder)).toThrow(/holds no traces/);
  write({ 'series/counts.csv': line('s', 9), 'series/series.csv': 'series_id\ns\n' });
  expect(() => policyTraces(path.join(folder, 'series'))).toThrow(/series of their own lengths/);
  write({ 'own/counts.csv': line('h', 480), 'own/functions.csv': OWN.replace('300', 'x') });
  expect(() => policyTraces(path.join(folder, 'own'))).toThrow(/dur_p99_ms must be a number from 0 on/);
});

test('requests that are wrong are told all at once', () => {
  write({
    'bad.csv': 't_s,generated_tokens\n5,1\n4,1\nx,1\n6,-1\n',
    'less.csv': 't_s\n1\n',
    'none.csv': 't_s,generated_tokens\n',
  });
  const read = (name: string) => () => readRequestTimes(path.join(folder, name));
  for (const problem of [/line 3: t_s goes back/, /line 4: t_s: t_s must be seconds/, /line 5: generated_tokens/]) {
    expect(read('bad.csv')).toThrow(problem);
  }
  expect(read('less.csv')).toThrow(/no column generated_tokens/);
  expect(read('none.csv')).toThrow(/no requests/);
});
