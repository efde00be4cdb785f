import { spawn } from 'node:child_process';
import { assetPath } from '../../drivers/asset-path';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

/** What only a running platform shows: figures that come from real calls, and events as they happen. */

const CODE = { 'index.js': 'exports.handler = () => ({ ok: true });' };
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.stop());

const json = async <T>(...argv: string[]): Promise<T> => {
  const { code, stdout, stderr } = await platform.cli(...argv, '-o', 'json');
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
};

test('events are followed as they happen, and top shows the calls, instances and starts of a function', async () => {
  const env = { ...process.env, PRESAGE_URL: platform.url, PRESAGE_API_KEY: platform.apiKey };
  const follower = spawn(process.execPath, [assetPath('bin/presage.js'), 'events', '--follow', '--function', 'busy', '-o', 'json'], { env }); // prettier-ignore
  let seen = '';
  follower.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  const ended = new Promise((resolve) => follower.once('exit', resolve));

  await platform.deploy('busy', { resources: { memory: '64Mi' } }, CODE);
  for (let i = 0; i < 20; i++) expect((await platform.invoke('busy')).status).toBe(200);
  const types = (): string[] => seen.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { type: string }).type); // prettier-ignore
  await until('the events of the deployment', async () => types().includes('deployment.succeeded'));
  follower.kill('SIGINT');
  expect(await ended).toBe(0);

  interface Row {
    readonly function: string;
    readonly rate: number;
    readonly p50Ms: number;
    readonly starts: Readonly<Record<string, number>>;
    readonly rungs: { readonly running: number; readonly frozen: number };
  }
  const row = await until('20 calls in top', async () => {
    const rows = await json<Row[]>('top', '--once');
    const found = rows.find((one) => one.function === 'busy');
    return found && Object.values(found.starts).reduce((sum, count) => sum + count, 0) >= 20 && found;
  });
  expect(row.rate).toBeGreaterThan(0.2);
  expect(row.p50Ms).toBeGreaterThan(0);
  expect(row.rungs.running + row.rungs.frozen).toBeGreaterThan(0);
  expect((await platform.cli('top')).stdout).toMatch(/^FUNCTION .*\nbusy +\d/m);
});

test('names are completed, dry runs change nothing, and failures have the status of their kind', async () => {
  expect((await platform.cli('__complete', '--', 'describe', 'bu')).stdout).toBe('busy\tfunction\n');
  expect((await platform.cli('delete', 'busy', '--dry-run')).stdout).toMatch(
    /^busy would go, with 1 revisions, \d+ instances/,
  );
  expect((await platform.cli('node', 'drain', 'local', '--dry-run')).code).toBe(0);
  expect(await json('revision', 'list', 'busy')).toMatchObject([{ number: 1, state: 'ready' }]);
  expect((await platform.cli('describe', 'nobody')).code).toBe(3);
  expect((await platform.cli('list', '--api-key', 'psk_wrong')).code).toBe(4);
});
