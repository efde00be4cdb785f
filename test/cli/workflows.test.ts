import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeAll(async () => {
  api = await makeHarness();
});
afterAll(() => api.close());

const run = (key: string, ...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: key } });

test('operators list workflows and schedules, with links into the Temporal UI', async () => {
  const started = { startedAt: new Date(Date.now() - 65_000), endedAt: null };
  api.workflows.listed = [{ workflowId: 'drain/edge-1', runId: 'r', type: 'drainNode', state: 'running', ...started }];
  api.workflows.recurring = [
    { scheduleId: 'keep-ledger', type: 'keepLedger', note: 'Posts', paused: true, lastAt: null, nextAt: null },
  ];
  const listed = await run(api.operatorKey, 'workflows', '--running');
  expect(listed.stdout).toMatch(/drain\/edge-1 +drainNode +running +1m ago +http:\S+\/workflows\/drain%2Fedge-1/);
  expect((await run(api.operatorKey, 'workflows', '--schedules')).stdout).toMatch(
    /keep-ledger +keepLedger +- +paused +Posts/,
  );
  expect((await run(api.operatorKey, 'workflows', '--type', 'none')).stderr).toContain('Nothing of that kind');
  expect((await run(api.acmeKey, 'workflows')).stderr).toContain('platform operators');
});
