import { jsonOf } from '../../bench/harness/http-probe';
import { parseFlags } from '../../workers/all/flags';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

/** Between the two regions, in milliseconds. */
const ROUND_TRIP_MS = 90;
const { env } = parseFlags(['--nodes', 'edge-1:edge:eu,central-1:central:us,spare-1:regional:eu']);

interface Node {
  readonly name: string;
  readonly state: string;
  readonly capacity: { readonly memoryBytes: number } | null;
}

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({
    ...env,
    PRESAGE__AGENT__SANDBOX: 'process',
    PRESAGE__NETWORK__LATENCY: JSON.stringify({ eu: { us: ROUND_TRIP_MS } }),
    PRESAGE__NETWORK__BANDWIDTH: JSON.stringify({ eu: { us: '20Mi' } }),
    PRESAGE__NETWORK__INJECT: 'true',
  });
});
afterAll(() => platform.stop());

const nodes = async (): Promise<readonly Node[]> =>
  jsonOf<{ items: Node[] }>(await platform.probe.send('/v1/nodes')).items;
const state = async (name: string): Promise<string | undefined> =>
  (await nodes()).find((node) => node.name === name)?.state;

/** Where a request of a region is answered, and how long its way and the function took, by the record. */
async function ask(name: string, region: string): Promise<{ node: string; executeMs: number }> {
  const answer = await fetch(`${platform.url}/fn/default/${name}/`, {
    headers: { authorization: `Bearer ${platform.apiKey}`, 'x-presage-region': region },
  });
  expect(answer.status).toBe(200);
  const id = answer.headers.get('x-request-id') ?? '';
  return until('the record', async () => {
    const record = await platform.probe.send(`/v1/invocations/${id}`);
    return record.status === 200 && jsonOf<{ node: string; executeMs: number }>(record);
  });
}
const deploy = (name: string): Promise<void> =>
  platform.deploy(
    name,
    { public: true, checkpoint: { when: 'never' } },
    { 'index.js': 'exports.handler = () => "here";' },
  );

test('all nodes are heard, and share the machine', async () => {
  const heard = await until('three heartbeats', async () => {
    const all = await nodes();
    return all.length === 3 && all.every(({ capacity }) => capacity !== null) && all;
  });
  expect(heard.map(({ state: now }) => now)).toEqual(['ready', 'ready', 'ready']);
  expect(new Set(heard.map(({ capacity }) => capacity?.memoryBytes)).size).toBe(1);
  const { stdout } = await platform.cli('node', 'ls');
  expect(stdout).toMatch(/central-1 +central +us +ready[\s\S]*edge-1 +edge +eu +ready/);
});

test('a request feels how far its user is from the node', async () => {
  await deploy('first');
  await ask('first', 'eu');
  const far = await ask('first', 'us');
  expect(far.node).toBe('edge-1');
  // Less would mean that it did not go the way; more says nothing.
  expect(far.executeMs).toBeGreaterThanOrEqual(ROUND_TRIP_MS - 1);
});

test('a cordoned node gets nothing new, and something again after that', async () => {
  expect((await platform.cli('node', 'cordon', 'edge-1', '--reason', 'repair')).code).toBe(0);
  await until('the gateway knows', async () => {
    const { stdout } = await platform.cli('status');
    return /edge-1 +edge +eu +cordoned/.test(stdout);
  });
  await deploy('second');
  const home = await ask('second', 'us');
  expect(home.node).toBe('central-1');
  expect((await ask('second', 'eu')).executeMs).toBeGreaterThanOrEqual(ROUND_TRIP_MS - 1);
  expect((await platform.cli('node', 'uncordon', 'edge-1')).code).toBe(0);
  expect(await state('edge-1')).toBe('ready');
});

test('an empty node is drained, and takes work again', async () => {
  const drained = await platform.cli('node', 'drain', 'spare-1');
  expect([drained.code, drained.stdout]).toEqual([0, expect.stringMatching(/State +drained/)]);
  const { items } = jsonOf<{ items: { type: string }[] }>(
    await platform.probe.send('/v1/events?all=true&types=node.drained'),
  );
  expect(items.map(({ type }) => type)).toContain('node.drained');
  await platform.cli('node', 'uncordon', 'spare-1');
  await until('its agent has followed', async () => {
    const { stdout } = await platform.cli('status');
    return /spare-1 +regional +eu +ok/.test(stdout);
  });
});
