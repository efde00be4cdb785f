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
});
afterAll(async () => {
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

/** A call every second and a half of one whole minute of the clock. */
async function liveThroughMinute(): Promise<void> {
  const from = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  for (let at = from; at < from + MINUTE_MS; at += 1_500) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())));
    expect((await platform.invoke('steady')).status).toBe(200);
  }
  await new Promise((resolve) => setTimeout(resolve, from + MINUTE_MS + 2_000 - Date.now()));
}

test('a policy that keeps nothing is put live by mistake, and is reverted within two windows', async () => {
  await platform.deploy('steady', { resources: { memory: '64Mi' } }, CODE);
  const put = await platform.cli('warming', 'use', 'none');
  expect(put.stdout).toMatch(/In force +none/);
  const client = new Client({ connection, namespace: platform.config.temporal.namespace });
  let windows = 0;
  while ((await warming()).live === 'none') {
    expect(++windows).toBeLessThanOrEqual(2);
    await liveThroughMinute();
    const result: unknown = await client.workflow.execute('judgePolicies', {
      taskQueue: platform.config.temporal.taskQueue,
      workflowId: `judge-test-${windows}`,
      args: [{ window: '1m', apply: true }],
    });
    expect(result).toMatchObject({ policies: [{ policy: 'none' }, { policy: 'presage' }] });
  }
  expect(await warming()).toMatchObject({ live: 'presage', reverted: ['none'] });
  expect((await warming()).verdicts[0]).toMatchObject({ decision: 'revert' });
  const { body } = await platform.probe.send('/v1/events?all=true&types=warming.reverted');
  expect(JSON.parse(body)).toMatchObject({ items: [{ data: { from: 'none', to: 'presage' } }] });

  // What was kept before is kept again: the next call but one finds a running or a frozen instance.
  await platform.invoke('steady');
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
