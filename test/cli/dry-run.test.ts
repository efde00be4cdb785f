import { sampleBeat } from '../drivers/store/node-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

/** `--dry-run` finds what is wrong, tells what would be done, and sends nothing that changes anything. */
let api: Harness;
beforeAll(async () => {
  api = await makeHarness();
  await api.makeFunction('default', 'shop', 2);
});
afterAll(() => api.close());

const run = (...argv: string[]) =>
  presage([...argv, '--dry-run'], { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });
const NOTE = 'Nothing was changed: it was a dry run\n';
/** Nobody has tried to change anything. */
afterEach(async () => expect((await api.store.audit({ tenant: null, limit: 10 })).items).toEqual([]));

test('delete', async () => {
  const { status, stdout, stderr } = await run('delete', 'shop');
  expect([status, stderr]).toEqual([0, NOTE]);
  expect(stdout).toBe('shop would go, with 2 revisions, 0 instances, 0 checkpoints and the aliases live\n');
  expect((await run('delete', 'shpo')).status).toBe(3);
  expect(JSON.parse((await run('delete', 'shop', '-o', 'json')).stdout)).toMatchObject({ dryRun: true, revisions: 2 });
});

test('traffic', async () => {
  expect((await run('alias', 'set', 'shop', 'live', '1=30', '2=70')).stdout).toBe('shop: live points at revision 2; it would point at revision 1 (30 %), 2 (70 %)\n'); // prettier-ignore
  const { status, stderr } = await run('alias', 'set', 'shop', 'live', '1=30', '7=60');
  expect(status).toBe(2);
  expect(stderr).toMatch(/shares: come to 90 %.*\n {2}revision 7: shop has no such revision/);
});

test('budget', async () => {
  const { status, stdout } = await run('budget', 'set', 'month', '--limit', '12.50', '--functions', 'shop');
  expect(status).toBe(0);
  expect(stdout).toMatch(/limit +"12\.50"\n(.*\n)*functions +\["shop"\]/);
  const bad = await run('budget', 'set', 'month', '--limit', '0', '--functions', 'ghost');
  expect(bad.status).toBe(2);
  expect(bad.stderr).toMatch(/limit: must be above 0\n(.*\n)* {2}functions\.0: there is no function ghost/);
});

test('policy', async () => {
  expect((await run('warming', 'use', 'fixed:10m')).stdout).toMatch(/In force +presage → fixed:10m\n(.*\n)*Comes back if it loses +- → presage/); // prettier-ignore
  expect((await run('warming', 'challenge', 'seed')).stdout).toMatch(/Challenged by +- → seed/);
  expect((await run('warming', 'withdraw', '-o', 'json')).status).toBe(0);
});

test('drain', async () => {
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  const { status, stdout, stderr } = await run('node', 'drain', 'edge-1');
  expect([status, stderr]).toEqual([0, NOTE]);
  expect(stdout).toMatch(/^0 instance\(s\) of no function would leave edge-1 for local$/m);
  expect((await run('node', 'drain', 'nowhere')).status).toBe(3);
});
