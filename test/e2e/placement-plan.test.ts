import { jsonOf } from '../../bench/harness/http-probe';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

const CALLS = 40;
const NODES = [
  { name: 'edge-1', tier: 'edge', region: 'eu' },
  { name: 'central-1', tier: 'central', region: 'us' },
];
const NETWORK = { latency: { eu: { us: 80, eu: 4 }, us: { us: 4 } } };
const CART = `exports.handler = async () => {
  const url = process.env.PRESAGE_GATEWAY_URL + '/fn/' + process.env.PRESAGE_TENANT + '/tax/';
  return { status: (await fetch(url)).status };
};`;

interface TrafficMap {
  readonly users: readonly { readonly function: string; readonly region: string; readonly calls: number }[];
  readonly calls: readonly { readonly caller: string; readonly function: string; readonly calls: number }[];
}
interface Plan {
  readonly dryRun: boolean;
  readonly moves: readonly { readonly function: string; readonly to: readonly string[]; readonly reason: string }[];
}

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({
    PRESAGE__NODES: JSON.stringify(NODES),
    PRESAGE__NETWORK__LATENCY: JSON.stringify(NETWORK.latency),
    // A test has few calls: their waits alone count.
    PRESAGE__PLACEMENT__LEASTSAVING: '0',
    PRESAGE__PLACEMENT__WEIGHTS__RESOURCES: '0',
    PRESAGE__PLACEMENT__WEIGHTS__MIGRATION: '0',
    // By hand only.
    PRESAGE__PLACEMENT__ENABLED: 'false',
  });
  const onCentral = { tier: { prefer: 'central' as const, allow: ['edge' as const, 'central' as const] } };
  await platform.deploy('tax', { ...onCentral, public: true }, { 'index.js': "exports.handler = () => 'taxed';" });
  await platform.deploy('cart', { ...onCentral, network: 'egress' }, { 'index.js': CART });
});
afterAll(() => platform.stop());

test('users and calls are measured, and a plan follows from them', async () => {
  for (let call = 0; call < CALLS; call++) {
    const headers = { 'x-presage-region': 'eu' };
    const answer = await platform.probe.send('/fn/default/cart/', { headers });
    expect(JSON.parse(answer.body)).toEqual({ status: 200 });
  }
  const map = await until('all calls are on the map', async () => {
    const found = jsonOf<TrafficMap>(await platform.probe.send('/v1/traffic-map'));
    return found.users[0]?.calls === CALLS && found.calls[0]?.calls === CALLS && found;
  });
  expect(map.users).toMatchObject([{ function: 'cart', region: 'eu' }]);
  expect(map.calls).toMatchObject([{ caller: 'cart', function: 'tax' }]);
  const shown = await platform.cli('traffic', 'cart');
  expect(shown.stdout).toMatch(/eu +cart +40/);
  expect(shown.stdout).toMatch(/cart +tax +40/);

  const { code, stdout, stderr } = await platform.cli('placement', 'plan', '--dry-run', '-o', 'json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const plan = JSON.parse(stdout) as Plan;
  expect(plan.dryRun).toBe(true);
  expect(plan.moves.map((move) => [move.function, move.to]).sort()).toEqual([
    ['default/cart', ['edge-1']],
    ['default/tax', ['edge-1']],
  ]);
  expect(plan.moves.some(({ reason }) => reason.includes('saves'))).toBe(true);
  const explained = await platform.cli('placement', 'explain', 'cart');
  expect(explained.stdout).toContain('central-1 → edge-1');
});

test('the plan is carried out by migrations, and then there is nothing more to gain', async () => {
  const done = await platform.cli('placement', 'plan');
  expect({ ...done, stdout: '' }).toMatchObject({ code: 0 });
  expect(done.stdout).toMatch(/default\/cart +central-1 +edge-1 .* done/);
  expect(done.stdout).toMatch(/default\/tax +central-1 +edge-1 .* done/);
  expect((await platform.invoke('cart')).headers['x-presage-node']).toBe('edge-1');
  const again = await platform.cli('placement', 'plan', '--dry-run');
  expect(again.stdout).toContain('keep: nothing is worth a move');
});
