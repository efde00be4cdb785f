import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BOOK, PRICED } from '../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../drivers/store/sample-records';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });

test('shows the prices, and where and when they are from', async () => {
  const { status, stdout } = await run('cost', 'prices');
  expect(status).toBe(0);
  expect(stdout).toMatch(/Prices +aws-lambda \([0-9a-f]{12}\)/);
  expect(stdout).toMatch(/As of +2025-11-01/);
  expect(stdout).toMatch(/A +EDGE +REGIONAL +CENTRAL/);
  expect(stdout).toMatch(/GB·s of memory, running +16\.7 µ\$ +16\.7 µ\$ +16\.7 µ\$/);
  expect(JSON.parse((await run('cost', 'prices', '-o', 'json')).stdout)).toMatchObject({
    tiers: { edge: { request: 0.2 } },
  });
});

describe('the ledger', () => {
  const span = ['--from', '2026-03-04T00:00:00Z', '--to', '2026-03-05T00:00:00Z'];
  beforeEach(async () => {
    const functionId = await api.makeFunction('default', 'pay');
    await api.store.writeInvocations(
      packed([sampleInvocation({ functionId, function: 'pay', pricing: PRICED })], BOOK),
    );
    await api.store.postLedger(new Date('2026-03-05T00:00:00Z'));
  });

  test('is listed', async () => {
    const { status, stdout } = await run('cost', 'ledger', ...span, '--by', 'day', '--components', 'request,memory');
    expect(status).toBe(0);
    expect(stdout).toMatch(/TIME +FUNCTION +COMPONENT +QUANTITY +UNIT +DOLLARS/);
    expect(stdout).toMatch(/2026-03-04T00:00 +pay +request +1 +request +0\.000000400000/);
    expect(stdout).not.toContain('network');
    expect((await run('cost', 'ledger', '--by', 'year')).status).toBe(2);
  });

  test('is stated by the month', async () => {
    const { stdout } = await run('cost', 'statement', '2026-03');
    expect(stdout).toMatch(/Month +2026-03 in UTC\n/);
    expect(stdout).toMatch(/request +1 +request +0\.000000400000/);
    expect(stdout).toMatch(/pay +0\.\d{12}/);
    expect((await run('cost', 'statement', '2026-03', '--time-zone', 'Asia/Kolkata')).stdout).toMatch(
      /Month +2026-03 in Asia\/Kolkata/,
    );
    expect((await run('cost', 'statement', 'march')).stderr).toContain('2026-11');
  });

  test('is exported to a file, or to stdout', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'presage-export-'));
    try {
      const file = path.join(folder, 'costs.csv');
      expect((await run('cost', 'export', ...span, '--format', 'focus', '--file', file)).status).toBe(0);
      expect(await readFile(file, 'utf8')).toMatch(/^BilledCost,[^]*,pay,Function,/);
      expect((await run('cost', 'export', ...span)).stdout).toMatch(/^time,tenant,[^]*,pay,/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('is checked; a difference ends with status 1', async () => {
    const checked = { from: '2026-03-04T05:00:00.000Z', to: '2026-03-04T06:00:00.000Z', calls: 3, sums: 15, differences: 0, unpriced: 0, examples: [] }; // prettier-ignore
    api.workflows.judgement = { state: 'done', error: null, result: { posted: null, checked } };
    const good = await run('cost', 'check', '--window', '1h');
    expect(good.status).toBe(0);
    expect(good.stdout).toMatch(/Differences +0/);
    const example = { tenant: 'default', functionId: 'f-1', minute: checked.from, component: 'memory', recorded: '0.1', charged: '0.2' }; // prettier-ignore
    const result = { posted: null, checked: { ...checked, differences: 1, examples: [example] } };
    api.workflows.judgement = { state: 'done', error: null, result };
    const bad = await run('cost', 'check');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toMatch(/2026-03-04T05:00 +f-1 +memory +0\.1 +0\.2/);
    api.workflows.judgement = { state: 'failed', error: 'There are no records any more', result: null };
    expect((await run('cost', 'check')).stderr).toContain('There are no records any more');
  });
});
