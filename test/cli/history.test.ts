import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
let folder: string;
beforeEach(async () => {
  api = await makeHarness({ now: () => new Date('2026-11-23T09:10:30.000Z') });
  await api.makeFunction('default', 'pay');
  await api.makeFunction('default', 'cart');
  folder = await mkdtemp(path.join(tmpdir(), 'presage-history-'));
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const run = (...argv: string[]) =>
  presage(['history', ...argv], { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });
async function file(content: string | Buffer, name = 'counts.csv'): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, content);
  return at;
}

test('imports a file, packed or not, and shows it as imported', async () => {
  const first = await run(
    'import',
    await file(gzipSync('pay,1,2,3\ncart,4\n'), 'counts.csv.gz'),
    '--end',
    '2026-11-22T00:01:40Z',
  );
  expect(first.stdout).toMatch(/pay +2026-11-21T23:58:00.000Z +2026-11-22T00:01:00.000Z +3 +6\n/);
  expect(first.stdout).toMatch(/cart +2026-11-22T00:00:00.000Z +2026-11-22T00:01:00.000Z +1 +4\n/);
  const again = await run('import', await file('pay,1,2,3\n', 'counts.csv.gz'), '--at', '2026-11-21T23:58:00Z');
  expect(again).toMatchObject({ status: 0, stderr: 'All of it had been imported before\n' });
  const shown = await run('show', 'pay');
  expect(shown.stdout).toMatch(/2026-11-21 +3 +2 +0 +counts.csv.gz\n2026-11-22 +3 +1 +0 +counts.csv.gz/);
  expect((await run('delete', 'pay')).stderr).toBe('What was imported for pay is forgotten\n');
  expect((await run('show', 'pay')).stderr).toBe('Nothing is known of the past of pay\n');
  expect((await run('delete', 'pay')).status).toBe(3);
});

test('gives ids of the file to functions and leaves the others out', async () => {
  const at = await file('az1,1\naz2,2\naz3,3\n');
  const { stdout, stderr } = await run('import', at, '--map', 'az3=pay, az1=cart', '--source', 'Azure', '--dry-run');
  expect(stdout).toMatch(/cart .* 1 +1\npay .* 1 +3\n/);
  expect(stderr).toBe('Nothing was changed: it was a dry run\n');
  const missing = await run('import', at, '--map', 'az9=pay');
  expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('az9 is not in the file') });
});

test('says all that is wrong with the file, and what is wrong with the command line', async () => {
  const refused = await run('import', await file('pay,1.5\nwho,1\n'));
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('(pay): minute 0 is "1.5"');
  expect(refused.stderr).toContain('who');
  expect(await run('import', path.join(folder, 'absent'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('cannot be read'),
  });
  const torn = await file(gzipSync('pay,1').subarray(0, 15), 'torn.gz');
  expect(await run('import', torn)).toMatchObject({ status: 2, stderr: expect.stringContaining('not complete gzip') });
  expect((await run('import', 'x', '--map', 'pay')).status).toBe(2);
  expect((await run('import', 'x', '--map', 'a=b,a=c')).status).toBe(2);
  expect((await run('import', 'x', '--at', 'soon')).status).toBe(2);
  expect((await run('import', 'x', '--at', '2026-11-22T00:00:00Z', '--end', '1h')).status).toBe(2);
});
