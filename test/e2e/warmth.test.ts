import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(420_000);

let platform: TestPlatform;
beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: 'process' });
});
afterAll(() => platform.stop());

const CODE = { 'index.js': 'exports.handler = (req, res) => res.json({ ok: true });' };

test('what is declared and what is called is held warm from the next minutes on, and can be looked at', async () => {
  await platform.deploy('declared', { scale: { min: 1 } }, CODE);
  await platform.deploy('called', {}, CODE);
  for (let call = 0; call < 5; call++) expect((await platform.invoke('called')).status).toBe(200);

  const warmth = async (name: string) => {
    const { code, stdout } = await platform.cli('warmth', name, '-o', 'json');
    return code === 0 ? (JSON.parse(stdout) as { policy: string; floor: number; ready: number }) : undefined;
  };
  const declared = await until('a decision', () => warmth('declared'), 150_000);
  expect(declared).toMatchObject({ policy: 'presage', floor: 1 });
  expect(declared.ready).toBeGreaterThanOrEqual(1);
  await until('a decision on what was called', () => warmth('called'), 150_000);
  expect((await platform.cli('warmth', 'declared')).stdout).toMatch(/Because +presage holds up to 1/);

  await until('an instance that nobody called for', async () => {
    const { stdout } = await platform.cli('instances', '-o', 'json');
    const found = JSON.parse(stdout) as { function: string; endedAt: string | null }[];
    return found.some((row) => row.function === 'declared' && row.endedAt === null);
  }, 60_000); // prettier-ignore

  const { body } = await platform.probe.send('/metrics');
  expect(body).toMatch(/presage_warming_decisions_total [1-9]/);
  expect(body).toMatch(/presage_warming_targets_total [1-9]/);
  expect(body).toMatch(/presage_warming_held_gb_seconds_total\{node="local",rung="frozen"\} [0-9]/);
});
