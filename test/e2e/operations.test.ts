import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jsonOf, openProbe } from '../../bench/harness/http-probe';
import { freePort } from '../../bench/harness/platform';
import type { Finding } from '../../core/doctor/finding';
import { assetPath } from '../../drivers/asset-path';
import { fencedBlocks } from '../docs/markdown-files';
import { startTemporaryPostgres, type TemporaryPostgres } from '../integration/support/temporary-postgres';
import { ReaderShell } from './support/reader-shell';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

const SECRET = 'correct-horse-battery';
const blocks = fencedBlocks(readFileSync(assetPath('docs/how-to/backup-and-restore.md'), 'utf8'));
const blockOf = (mark: string): string => {
  const found = blocks.filter(({ info }) => info === `sh ${mark}`);
  expect(found).toHaveLength(1);
  return found[0]?.text ?? '';
};

let postgres: TemporaryPostgres;
let platform: TestPlatform;
let database: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'presage-operations-'));
  for (const name of ['package.json', 'bin']) symlinkSync(assetPath(name), path.join(folder, name));
  postgres = await startTemporaryPostgres();
  database = await postgres.createDatabase();
  platform = await openTestPlatform({ PRESAGE__POSTGRES__URL: database, PRESAGE__AGENT__SANDBOX: 'process' });
});
afterAll(async () => {
  await platform.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function examined(): Promise<{ code: number; states: Record<string, string>; findings: readonly Finding[] }> {
  const { code, stdout } = await platform.cli('doctor', '--production', '-o', 'json');
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  return { code, findings, states: Object.fromEntries(findings.map(({ id, state }) => [id, state])) };
}

test('presage doctor --production tells what is not fit, of a platform that runs', async () => {
  await platform.deploy('watched', {}, { 'index.js': 'exports.handler = () => "here";' });
  const { code, states, findings } = await examined();
  expect(code).toBe(1);
  expect(states).toMatchObject({
    ...{ tls: 'warn', 'first-key': 'warn', keys: 'warn', 'master-key': 'fail', limits: 'warn', metrics: 'warn' },
    // A database of one's own, on this machine, that archives nothing; Temporal's development server.
    ...{ postgres: 'ok', 'postgres-backup': 'warn', 'postgres-tls': 'ok', 'postgres-room': 'ok', temporal: 'fail' },
    ...{ 'temporal-retention': 'ok', redis: 'ok', nodes: 'warn', clocks: 'ok', isolation: 'fail', criu: 'ok' },
    ...{ versions: 'ok', 'image-store': 'ok', budgets: 'warn', webhooks: 'ok' },
  });
  const detail = (id: string): string => findings.find((finding) => finding.id === id)?.detail ?? '';
  expect(detail('temporal')).toMatch(/^version \d+\.\d+\.\d+.*SQLite/);
  expect(detail('postgres')).toMatch(/^version \d+/);
  expect(detail('disk-local')).toMatch(/% free of \d+ GiB/);
  expect(detail('isolation')).toBe('none on local');
});

test('what was mended is seen: read metrics, a limit, a budget whose webhook answers', async () => {
  expect((await fetch(`${platform.url}/metrics`)).status).toBe(200);
  expect((await platform.cli('limits', 'set', 'default', '--rate', '1000/1s')).code).toBe(0);
  const secret = { method: 'PUT', body: JSON.stringify({ value: SECRET }) };
  expect((await platform.probe.send('/v1/secrets/hook', secret)).status).toBeLessThan(300);
  const webhook = ['--webhook', `${platform.url}/hook`, '--webhook-secret', 'hook'];
  expect((await platform.cli('budget', 'set', 'all', '--limit', '5.00', ...webhook)).code).toBe(0);
  const mended = await examined();
  expect(mended.states).toMatchObject({ metrics: 'ok', limits: 'ok', budgets: 'ok', webhooks: 'ok' });

  const nobody = await freePort();
  await platform.cli('budget', 'set', 'all', '--webhook', `http://127.0.0.1:${nobody}/hook`);
  const { states, findings } = await examined();
  expect(states).toMatchObject({ webhooks: 'fail' });
  expect(findings.find(({ id }) => id === 'webhooks')?.detail).toContain(`127.0.0.1:${nobody}: ECONNREFUSED`);
});

test('the commands that back up and restore bring everything back elsewhere', async () => {
  const value = JSON.stringify({ value: SECRET });
  expect((await platform.probe.send('/v1/secrets/token', { method: 'PUT', body: value })).status).toBeLessThan(300);
  const code = 'exports.handler = () => ({ length: (process.env.TOKEN ?? "").length });';
  await platform.deploy('keeper', { secrets: [{ name: 'token', env: 'TOKEN' }] }, { 'index.js': code });
  const id = String((await platform.invoke('keeper')).headers['x-request-id']);
  await until('the record', async () => (await platform.probe.send(`/v1/invocations/${id}`)).status === 200);

  const backup = path.join(folder, 'backup');
  mkdirSync(backup);
  await run(blockOf('run'), { DATABASE_URL: database, DATA: platform.dataDir, BACKUP: backup });
  await platform.stop();

  const [gateway, ownPostgres, temporal, ui] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const env = {
    ...{ DATABASE_URL: await postgres.createDatabase(), DATA: path.join(folder, 'data'), BACKUP: backup },
    ...{ PRESAGE__AGENT__SANDBOX: 'process', PRESAGE__GATEWAY__PORT: `${gateway}` },
    ...{ PRESAGE__POSTGRES__PORT: `${ownPostgres}`, PRESAGE__TEMPORAL__PORT: `${temporal}` },
    PRESAGE__TEMPORAL__UIPORT: `${ui}`,
  };
  try {
    await run(blockOf('restore'), env);
    // The key of before works on.
    const probe = openProbe(`http://127.0.0.1:${gateway}`, platform.apiKey);
    const answer = await probe.send('/fn/default/keeper/');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { length: SECRET.length }]);
    expect((await probe.send(`/v1/invocations/${id}`)).status).toBe(200);
    const { items } = jsonOf<{ items: { name: string }[] }>(await probe.send('/v1/functions'));
    expect(items.map(({ name }) => name).sort()).toEqual(['keeper', 'watched']);
    probe.close();
  } finally {
    await new Promise((resolve) => {
      const stop = [assetPath('bin/start.js'), '--stop', '--data-dir', env.DATA];
      spawn(process.execPath, stop, { env: { ...process.env, ...env }, stdio: 'ignore' }).once('close', resolve);
    });
  }
});

async function run(commands: string, env: NodeJS.ProcessEnv): Promise<void> {
  const shell = new ReaderShell(folder, { ...process.env, ...env });
  try {
    await shell.run(commands);
  } finally {
    await shell.close();
  }
}
