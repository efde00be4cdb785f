import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeAll(async () => {
  api = await makeHarness();
});
afterAll(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });

test('a policy is put in force, challenged, and the challenge withdrawn', async () => {
  expect((await run('warming')).stdout).toMatch(/In force +presage\n/);
  expect((await run('warming', 'use', 'fixed:5m')).stdout).toMatch(
    /Comes back if it loses +presage, for 24 more windows/,
  );
  expect((await run('warming', 'challenge', 'seed')).stdout).toMatch(/Challenged by +seed/);
  expect(JSON.parse((await run('warming', 'withdraw', '-o', 'json')).stdout)).toMatchObject({
    live: 'fixed:5m',
    challenger: null,
    generation: 3,
  });
});

test('how windows were judged is shown with the prices', async () => {
  await api.store.writePolicyVerdict(
    {
      ...{ runId: 'r', workflowId: 'w', decision: 'revert', reason: 'the policy before comes back' },
      ...{ from: new Date('2026-03-01T10:00:00Z'), to: new Date('2026-03-01T11:00:00Z') },
      prices: [{ policy: 'none', calls: 30, price: 2_500_000 }],
    },
    null,
  );
  const { stdout } = await run('warming', 'show');
  expect(stdout).toMatch(/2026-03-01T10:00 to 11:00 +revert +none \$2\.50 +the policy before comes back/);
});

test('what is no policy is refused with the names of those there are', async () => {
  const { status, stderr } = await run('warming', 'use', 'presages');
  expect(status).toBe(2);
  expect(stderr).toContain('choose among none, greedy-dual, presage, seed');
});
