import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { soundInstallation } from '../core/doctor/sound-installation';
import { presage } from './fake-platform';

let api: Harness;
let change: Parameters<typeof soundInstallation>[0] = {};
beforeAll(async () => {
  api = await makeHarness({ installation: async () => soundInstallation(change), now: () => soundInstallation().at });
  await fetch(`${api.origin}/metrics`);
});
beforeEach(() => (change = {}));
afterAll(() => api.close());

const run = (key: string, ...argv: string[]) =>
  presage(['doctor', ...argv], { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: key } });

test('what is to be mended is said with what it means and how, and gives exit status 1', async () => {
  change = { redis: false, unlimitedTenants: ['acme'] };
  const { status, stdout } = await run(api.operatorKey, '--production');
  expect(status).toBe(1);
  expect(stdout).toMatch(/fail {2}Redis: 2 gateways and no Redis\n {6}Each counts .*\n {6}→ Set redis\.url/);
  expect(stdout).toMatch(/warn {2}Rate limits: none for acme/);
  expect(stdout).toMatch(/ok {4}TLS at the door: /);
  expect(stdout).toMatch(/\d+ ok, 1 to look at, 1 to mend/);
});

test('warnings alone do not fail, and the metrics are known to have been read', async () => {
  change = { unlimitedTenants: ['acme'] };
  const { status, stdout } = await run(api.operatorKey, '--production', '-o', 'json');
  expect(status).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: { id: string; state: string }[] };
  expect(findings.filter(({ state }) => state !== 'ok').map(({ id }) => id)).toEqual(['limits']);
  expect(findings.find(({ id }) => id === 'metrics')?.state).toBe('ok');
});

test('only operators may look; without --production it says what there is', async () => {
  const refused = await run(api.acmeKey, '--production');
  expect([refused.status, refused.stderr]).toEqual([4, expect.stringMatching(/by platform operators/)]);
  const bare = await run(api.operatorKey);
  expect([bare.status, bare.stderr]).toEqual([2, expect.stringMatching(/presage doctor --production/)]);
});
