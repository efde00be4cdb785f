import { sampleAdvice } from '../drivers/store/advice-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
  const found = [sampleAdvice({ monthlySaving: 12_340_000_000_000n })];
  await api.store.replaceAdvice(found, { at: new Date(), tenant: null, strategies: null });
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });

test('shows what could be saved, and of one its evidence, change and undo', async () => {
  const { status, stdout } = await run('cost', 'recommend');
  expect(status).toBe(0);
  expect(stdout).toMatch(/aaaaaaaaaaaa +right-size-memory +\$12\.3 +high +acme\/pay is given 256 MiB/);
  const one = await run('cost', 'recommend', 'aaaaaaaaaaaa');
  expect(one.stdout).toMatch(/Does +deploy acme\/pay with resources\.memory 96Mi/);
  expect(one.stdout).toMatch(/Undo +point live at revision 3 again/);
  expect(one.stdout).toMatch(/peak +73400300 +bytes/);
});

test('looks again when asked to', async () => {
  api.workflows.judgement = {
    state: 'done',
    error: null,
    result: { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z', found: 1 },
  };
  expect((await run('cost', 'recommend', '--refresh', '--window', '2d')).status).toBe(0);
  expect([...api.workflows.searches.values()]).toEqual([expect.objectContaining({ window: '2d' })]);
  api.workflows.judgement = { state: 'failed', error: 'the store is away', result: null };
  expect((await run('cost', 'recommend', '--refresh')).stderr).toContain('the store is away');
});

test('applies one, and takes it back', async () => {
  const applied = await run('cost', 'apply', 'aaaaaaaaaaaa', '--window', '10m');
  expect(applied.stdout).toContain('aaaaaaaaaaaa is being applied by apply-advice/aaaaaaaaaaaa');
  expect(api.workflows.applied.get('apply-advice/aaaaaaaaaaaa')).toMatchObject({ window: '10m' });
  await api.store.stepAdvice('aaaaaaaaaaaa', { state: 'watching' }, ['open']);
  expect((await run('cost', 'revert', 'aaaaaaaaaaaa')).stdout).toContain('is being taken back');
  expect((await run('cost', 'recommend', '--all')).stdout).toMatch(/high +watching/);
  expect((await run('cost', 'apply', 'nonsense')).status).not.toBe(0);
});
