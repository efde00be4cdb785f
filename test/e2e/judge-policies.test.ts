import { Client, Connection } from '@temporalio/client';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

const MINUTE_MS = 60_000;
const CODE = { 'index.js': 'exports.handler = (req, res) => res.json({ ok: true });' };
let platform: TestPlatform;
let connection: Connection;
beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '100ms' });
  const { address, port } = platform.config.temporal;
  connection = await Connection.connect({ address: address ?? `127.0.0.1:${port}` });
  await platform.deploy('steady', { resources: { memory: '64Mi' } }, CODE);
  const put = await platform.cli('warming', 'use', 'none');
  expect(put.stdout).toMatch(/In force +none/);
  since = Date.now();
  // What is judged takes a whole minute: the other tests go on meanwhile.
  calls = callSteadily();
});
afterAll(async () => {
  calling = false;
  await calls;
  await connection.close();
  await platform.stop();
});

interface Warming {
  readonly live: string;
  readonly reverted: readonly string[];
  readonly verdicts: readonly { readonly decision: string }[];
}
const warming = async (): Promise<Warming> =>
  JSON.parse((await platform.cli('warming', '-o', 'json')).stdout) as Warming;

/** Since when nothing is kept, and what was answered to a call every second and a half of that time. */
let since: number;
const statuses: number[] = [];
let calling = true;
let calls: Promise<void>;
async function callSteadily(): Promise<void> {
  while (calling) {
    statuses.push(
      await platform.invoke('steady').then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

test('a budget is set by the CLI, shown by a dry run from Temporal, and told of when it runs out', async () => {
  expect((await platform.cli('budget', 'set', 'tiny', '--limit', '0.000001', '--functions', 'ghost')).stderr).toContain(
    'no function ghost',
  );
  await platform.deploy('counted', { resources: { memory: '64Mi' } }, CODE);
  expect((await platform.cli('budget', 'set', 'tiny', '--limit', '5', '--functions', 'counted')).code).toBe(0);
  // A fifth of a micro-dollar each, and their memory.
  for (let call = 0; call < 6; call++) expect((await platform.invoke('counted')).status).toBe(200);
  const show = async () =>
    JSON.parse((await platform.cli('budget', 'show', 'tiny', '-o', 'json')).stdout) as {
      readonly spent: string;
      readonly steps: readonly string[];
      readonly alerts: readonly { readonly percent: number }[];
    };
  await until('the calls are counted', async () => Number((await show()).spent) > 0.0000012);
  const client = new Client({ connection, namespace: platform.config.temporal.namespace });
  const result = (await client.workflow.execute('enforceBudget', {
    taskQueue: platform.config.temporal.taskQueue,
    workflowId: 'enforce-test',
    args: [{ tenant: 'default', dryRun: true }],
  })) as { readonly budgets: readonly { readonly spent: string; readonly steps: readonly object[] }[] };
  expect(result.budgets).toMatchObject([{ budget: 'tiny', limit: '5.00', alerts: [], notes: [] }]);
  expect(Number(result.budgets[0]?.spent)).toBeGreaterThan(0);
  expect(result.budgets[0]?.steps).toHaveLength(5);
  // Setting it has the workflow run at once.
  expect((await platform.cli('budget', 'set', 'tiny', '--limit', '0.000001', '--alert-at', '50,100')).code).toBe(0);
  await until('it has run out', async () => {
    const { steps, alerts } = await show();
    return steps.includes('refuse') && alerts.map(({ percent }) => percent).join() === '100,50';
  });
  expect((await platform.cli('budget', 'forecast', 'tiny')).stdout).toMatch(/refuse +since /);
  expect((await platform.cli('budget', 'delete', 'tiny', '--yes')).code).toBe(0);
});

test('a policy that keeps nothing is put live by mistake, and is reverted within two windows', async () => {
  const client = new Client({ connection, namespace: platform.config.temporal.namespace });
  let windows = 0;
  let end = Math.ceil(since / MINUTE_MS) * MINUTE_MS;
  while ((await warming()).live === 'none') {
    expect(++windows).toBeLessThanOrEqual(2);
    // A whole minute of the clock, and until its last calls are written.
    end += MINUTE_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, end + 2_000 - Date.now())));
    const result: unknown = await client.workflow.execute('judgePolicies', {
      taskQueue: platform.config.temporal.taskQueue,
      workflowId: `judge-test-${windows}`,
      args: [{ window: '1m', until: new Date(end).toISOString(), apply: true }],
    });
    expect(result).toMatchObject({ policies: [{ policy: 'none' }, { policy: 'presage' }] });
  }
  expect(await warming()).toMatchObject({ live: 'presage', reverted: ['none'] });
  expect((await warming()).verdicts[0]).toMatchObject({ decision: 'revert' });
  const { body } = await platform.probe.send('/v1/events?all=true&types=warming.reverted');
  expect(JSON.parse(body)).toMatchObject({ items: [{ data: { from: 'none', to: 'presage' } }] });

  calling = false;
  await calls;
  expect(statuses.filter((status) => status !== 200)).toEqual([]);

  // What was kept before is kept again, not only from the next minute on: soon a call finds a running or a frozen instance.
  await platform.runNow('warm-pools');
  const kept = await until('a call that was not a start from a checkpoint', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const kind = (await platform.invoke('steady')).headers['x-presage-start'];
    return kind === 'hot' || kind === 'warm';
  }, 150_000); // prettier-ignore
  expect(kept).toBe(true);

  // Any window can be looked at by anybody who has called in it.
  const court = await platform.cli('court', '--window', '5m', '--policies', 'presage,none,fixed:10m');
  expect(court.stdout).toMatch(/presage +[1-9]\d* .*\nnone +[1-9]/);
  const id = String((await platform.invoke('steady')).headers['x-request-id']);
  const explained = await until('its record', async () => {
    const { code, stdout } = await platform.cli('explain', id);
    return code === 0 ? stdout : undefined;
  });
  expect(explained).toContain('in all');
});

test('what the calls cost has come into the ledger by itself, and is what their records come to', async () => {
  interface Line {
    readonly function: string;
    readonly component: string;
    readonly picoDollars: string;
  }
  const lines = await until('lines of the ledger', async () => {
    const { stdout } = await platform.cli('cost', 'ledger', '--from', '2h', '-o', 'json');
    const found = JSON.parse(stdout) as Line[];
    return found.some(({ component }) => component === 'request') ? found : undefined;
  }, 90_000); // prettier-ignore
  expect(new Set(lines.map((line) => line.function))).toContain('steady');
  expect(lines.every(({ picoDollars }) => BigInt(picoDollars) > 0n)).toBe(true);
  const checked = await platform.cli('cost', 'check', '--window', '30m', '-o', 'json');
  expect(checked.code).toBe(0);
  expect(JSON.parse(checked.stdout)).toMatchObject({ state: 'done', result: { differences: 0, unpriced: 0 } });
  expect((await platform.cli('cost', 'statement')).stdout).toMatch(/request +[1-9]/);
});
