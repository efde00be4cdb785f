import { HOUR_MS, MINUTE_MS, WarmingBed } from './warming-bed';

let bed: WarmingBed;
beforeEach(() => (bed = new WarmingBed()));
afterEach(() => bed.stop());

describe('forecasts', () => {
  beforeEach(() => bed.renew({ policy: 'presage' }));

  test('ask for instances of functions whose calls run side by side', async () => {
    const id = await bed.makeFunction('busy');
    await bed.called(id, bed.now - HOUR_MS, { executeMs: 1_000 });
    await bed.expectCalls(id, 120);
    const decision = await bed.decisionOf(id);
    expect(decision).toMatchObject({ forecastMean: 120, expectedRate: 2 });
    expect(decision?.pool).toBeGreaterThan(1);
    expect(decision?.reason).toContain('the forecast of 120 calls asks for');
  });

  test.each([Number.NaN, 1e9, -1])('of %p are not believed', async (calls) => {
    const id = await bed.makeFunction('odd');
    await bed.called(id, bed.now - HOUR_MS);
    await bed.expectCalls(id, calls);
    expect(await bed.decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
  });

  test('that are too old, or of a clock that was ahead, count as none', async () => {
    const id = await bed.makeFunction('odd');
    await bed.called(id, bed.now - HOUR_MS);
    await bed.expectCalls(id, 600, bed.now - 11 * MINUTE_MS);
    expect(await bed.decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
    await bed.expectCalls(id, 600, bed.now + 5 * MINUTE_MS);
    expect(await bed.decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
  });

  test('of calls that take no time at all ask for one instance at the most', async () => {
    const id = await bed.makeFunction('instant');
    await bed.called(id, bed.now - HOUR_MS, { executeMs: 0, totalMs: 0 });
    await bed.expectCalls(id, 6_000);
    const decision = await bed.decisionOf(id);
    expect(decision?.pool).toBeLessThanOrEqual(1);
  });
});

describe('a clock', () => {
  test('that was put back by an hour: nothing is held for calls that are yet to come', async () => {
    const id = await bed.makeFunction('pay');
    await bed.called(id, bed.now - 1_000 * 60);
    expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
    bed.now -= HOUR_MS;
    expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ after: 0, running: 0, frozen: 0 }] });
    await bed.called(id, bed.now + 1_000);
    expect(await bed.minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });

  test('that goes back a little waits until it is as late again', async () => {
    const id = await bed.makeFunction('pay');
    await bed.called(id, bed.now - 10_000);
    expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
    bed.now -= 30_000;
    expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });

  test('that was put on by a day: what was called before is no longer held', async () => {
    const id = await bed.makeFunction('pay');
    await bed.called(id, bed.now - 10_000);
    await bed.decisionOf(id);
    bed.now += 24 * HOUR_MS;
    expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ after: 0, running: 0, frozen: 0 }] });
    await bed.called(id, bed.now + 1_000);
    expect(await bed.minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });
});
