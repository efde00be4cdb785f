import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { jsonOf } from '../../bench/harness/http-probe';
import { SteadyLoad } from '../../bench/migrate/steady-load';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

const NAME = 'mover';
const NODES = [
  { name: 'eu-1', tier: 'edge', region: 'eu' },
  { name: 'us-1', tier: 'edge', region: 'us' },
];

let platform: TestPlatform;
let connection: Connection;

beforeAll(async () => {
  platform = await openTestPlatform({
    PRESAGE__NODES: JSON.stringify(NODES),
    PRESAGE__NETWORK__LATENCY: JSON.stringify({ eu: { us: 80 } }),
    PRESAGE__AGENT__SANDBOX: 'process',
    PRESAGE__AGENT__LINGER: '100ms',
    // By hand only.
    PRESAGE__PLACEMENT__ENABLED: 'false',
  });
  connection = await Connection.connect({ address: `127.0.0.1:${platform.config.temporal.port}` });
  const source = readFileSync('bench/mixed/function/index.js', 'utf8');
  const spec = { concurrency: 4, scale: { max: 20, keepAlive: '1s' }, checkpoint: { when: 'never' as const } };
  await platform.deploy(NAME, spec, { 'index.js': source });
});
afterAll(async () => {
  await connection.close();
  await platform.stop();
});

interface Placement {
  readonly nodes: readonly { readonly node: string; readonly weight: number | null; readonly instances: number }[];
}
const placement = async (): Promise<Placement['nodes']> =>
  jsonOf<Placement>(await platform.probe.send(`/v1/functions/${NAME}/placement`)).nodes;
const placedOn = async (): Promise<string[]> =>
  (await placement()).flatMap(({ node, weight }) => ((weight ?? 0) > 0 ? [node] : [])).sort();

/** Carries it out as the optimiser does. */
async function change(wish: { readonly add?: string; readonly remove?: string }): Promise<readonly string[]> {
  const { namespace, taskQueue } = platform.config.temporal;
  const client = new Client({ connection, namespace });
  const workflowId = `migrate/default/${NAME}`;
  const args = [{ tenant: 'default', function: NAME, ...wish }];
  const result: unknown = await client.workflow.execute('changeReplicas', { taskQueue, workflowId, args });
  return (result as { nodes: string[] }).nodes;
}

async function servedFor(region: string): Promise<string | null> {
  const answer = await fetch(`${platform.url}/fn/default/${NAME}/plain?ms=1`, {
    headers: { authorization: `Bearer ${platform.apiKey}`, 'x-presage-region': region },
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('x-presage-node');
}

test('a replica in another region comes, serves its users, and goes again under load: nothing fails', async () => {
  const [home = ''] = await placedOn();
  const other = home === 'eu-1' ? 'us-1' : 'eu-1';
  const regionOf = (node: string): string => node.slice(0, 2);
  const load = new SteadyLoad(platform, NAME, 40);
  try {
    expect(await servedFor(regionOf(other))).toBe(home);
    expect([...(await change({ add: other }))].sort()).toEqual(['eu-1', 'us-1']);
    expect(await placedOn()).toEqual(['eu-1', 'us-1']);
    for (const node of ['eu-1', 'us-1']) {
      await until(`${node} serves its region`, async () => (await servedFor(regionOf(node))) === node);
    }

    // The first one goes: its users are served by the one that came.
    expect(await change({ remove: home })).toEqual([other]);
    expect(await placedOn()).toEqual([other]);
    expect(await servedFor(regionOf(home))).toBe(other);
    await until('nothing is left where it was', async () =>
      (await placement()).every(({ node, instances }) => node === other || instances === 0),
    );
    await load.end();
    expect(load.failures).toEqual([]);
    const { lost, unanswered, twice } = await load.ledger.judge(platform.probe, 30_000);
    expect({ lost, unanswered, twice }).toEqual({ lost: [], unanswered: [], twice: [] });
  } finally {
    load.close();
  }
});

test('the last node is not taken away', async () => {
  const [only = ''] = await placedOn();
  expect(await change({ remove: only })).toEqual([only]);
  expect(await placedOn()).toEqual([only]);
  expect(await servedFor('eu')).toBe(only);
});
