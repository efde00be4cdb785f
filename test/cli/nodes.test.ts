import { sampleBeat } from '../drivers/store/node-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });

test('nodes are listed and shown', async () => {
  expect((await run('node', 'ls')).stdout).toMatch(/edge-1 +edge +eu +ready +3\.7 GiB +2 +8 +\d+s ago/);
  expect((await run('node', 'show', 'edge-1')).stdout).toMatch(/Region +eu\nState +ready\n/);
  expect(JSON.parse((await run('node', 'show', 'edge-1', '-o', 'json')).stdout)).toMatchObject({
    labels: { rack: '7' },
  });
  expect((await run('status')).stdout).toMatch(/NODE +TIER +REGION +STATE/);
});

test('one is cordoned, uncordoned, drained and taken out', async () => {
  expect((await run('node', 'cordon', 'edge-1', '--reason', 'repair')).stdout).toMatch(
    /State +cordoned\nReason +repair/,
  );
  expect((await run('node', 'uncordon', 'edge-1')).stdout).toMatch(/State +ready/);
  const early = await run('node', 'rm', 'edge-1', '--yes');
  expect([early.status, early.stderr]).toEqual([5, expect.stringContaining('edge-1')]);

  expect((await run('node', 'drain', 'edge-1', '--no-wait')).stderr).toContain('drain/edge-1');
  const waiting = run('node', 'drain', 'edge-1');
  await api.store.setNodeState('edge-1', 'drained');
  expect((await waiting).stdout).toMatch(/State +drained/);
  expect((await run('node', 'rm', 'edge-1', '--yes')).stderr).toContain('no node of the platform any more');
  expect(await api.store.findNode('edge-1')).toBeNull();
});

test('taking one out is asked for', async () => {
  expect((await run('node', 'rm', 'edge-1')).stderr).toContain('Add --yes');
});
