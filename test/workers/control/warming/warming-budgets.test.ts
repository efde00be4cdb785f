import { HOUR_MS, MINUTE_MS, WarmingBed } from './warming-bed';

let bed: WarmingBed;
beforeEach(() => (bed = new WarmingBed()));
afterEach(() => bed.stop());

const DOLLAR = 10n ** 12n;

test('a budget that runs out holds nothing for a forecast, and shortens what is kept after use, but not what is declared', async () => {
  await bed.renew({ policy: 'presage' });
  const [plain, critical] = [
    await bed.makeFunction('plain', { scale: { min: 1, max: 9 } }),
    await bed.makeFunction('critical', { critical: true, scale: { min: 1, max: 9 } }),
  ];
  for (const id of [plain, critical]) {
    await bed.called(id, bed.now - HOUR_MS, { executeMs: 1_000 });
    await bed.expectCalls(id, 120);
  }
  const before = await bed.decisionOf(plain, { dryRun: true });
  expect(before?.pool).toBeGreaterThan(1);
  await bed.budget(['drop-predictive-warmth', 'shorten-keep-alive'], DOLLAR / 2n);
  const { decisions } = await bed.plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  expect(of(plain)).toMatchObject({ pool: 0, steps: [{ after: 0, running: 0, frozen: 1 }], floor: 1 });
  expect(Math.max(...(of(plain)?.keepAlive ?? []))).toBeLessThanOrEqual(60);
  expect(of(plain)?.reason).toContain('its budget pays for nothing that is only expected to be used');
  expect(of(critical)?.pool).toBe(before?.pool);
});

test('while a budget is spent nothing is held of what it refuses, not even what is declared', async () => {
  const [never, plain, critical] = [
    await bed.makeFunction('never-called', { scale: { min: 1, max: 9 } }),
    await bed.makeFunction('plain', { scale: { min: 2, max: 9 } }),
    await bed.makeFunction('critical', { critical: true, scale: { min: 1, max: 9 } }),
  ];
  for (const id of [plain, critical]) await bed.called(id, bed.now - MINUTE_MS);
  await bed.budget(['refuse'], DOLLAR);
  const { decisions } = await bed.plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  for (const id of [never, plain]) {
    expect(of(id)).toMatchObject({ pool: 0, steps: [{ after: 0, running: 0, frozen: 0 }], keepAlive: [0] });
    expect(of(id)?.reason).toContain('its budget is spent');
  }
  // Its share is not spent.
  expect(of(critical)?.steps[0]?.frozen).toBeGreaterThanOrEqual(1);
});

test('what budgets leave is all that warmth may cost: what was declared is held, the rest is not', async () => {
  const rich = await bed.makeFunction('rich', { scale: { min: 0, max: 5 } });
  const poor = await bed.makeFunction('poor', { scale: { min: 1, max: 5 } });
  for (const id of [rich, poor]) {
    await bed.called(id, bed.now - MINUTE_MS - 50);
    await bed.called(id, bed.now - MINUTE_MS);
  }
  await bed.budget([], DOLLAR, ['poor']);
  const { decisions } = await bed.plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  expect(of(rich)).toMatchObject({ granted: { local: 2 }, capped: false });
  expect(of(poor)).toMatchObject({ granted: { local: 1 }, capped: true });
  expect(of(poor)?.reason).toContain('memory of local, or what its budget leaves, allows 1');
});
