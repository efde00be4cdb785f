import { randomUUID } from 'node:crypto';
import type { InvocationRecord, Store } from '../../../drivers/store/store';
import type { WarmthRecord } from '../../../drivers/store/warming-store';
import { sampleForecast } from './forecast-contract';
import { newTenant, packed, sampleInvocation } from './sample-records';

export function sampleWarmth(change: Partial<WarmthRecord> = {}): WarmthRecord {
  return {
    functionId: 'fn',
    at: new Date('2026-03-04T05:06:08Z'),
    decisionId: 'd-1',
    tenant: 'default',
    function: 'hello',
    revision: 1,
    revisionId: 'r-1',
    policy: 'fixed:10m',
    steps: [
      { after: 0, running: 1, frozen: 2 },
      { after: 12.5, running: 0, frozen: 1 },
    ],
    keepAlive: [600, 60],
    uses: [0.5, 0],
    pool: 1,
    floor: 0,
    expectedRate: 0.25,
    forecastMean: null,
    granted: { local: 2, 'edge-1': 0 },
    capped: true,
    reason: 'rests of its 3 instances are worth their price',
    ...change,
  };
}

/** Calls as the warming controller reads them, and what it decides. */
export function describeWarming(current: () => Store): void {
  let store: Store;
  let tenant: string;
  let functionId: string;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
    functionId = randomUUID();
  });
  const at = (second: number): Date => new Date(Date.UTC(2026, 2, 4, 5, 6) + second * 1000);
  const call = (second: number, change: Partial<InvocationRecord> = {}) =>
    sampleInvocation({ tenant, functionId, at: at(second), totalMs: 500, queueMs: 497.5, ...change });

  describe('calls between two times', () => {
    it('are those that ended between them and reached an instance, in the order of their arrival', async () => {
      await store.writeInvocations(
        packed([
          call(70),
          call(10, { totalMs: 55_000, kind: 'cold', queueMs: 5, startMs: 80, executeMs: 54_000 }),
          call(20),
          call(119.5),
          call(80, { kind: null, status: 503 }),
          call(90, { functionId: `${functionId}-2` }),
        ]),
      );
      const query = { from: at(60), to: at(120), perFunction: 10, functionIds: [functionId] };
      expect(await store.callsBetween(query)).toEqual([
        { functionId, at: at(10), totalMs: 55_000, executeMs: 54_000, kind: 'cold', waitMs: 85, standsFor: 1 },
        { functionId, at: at(70), totalMs: 500, executeMs: 2.5, kind: 'hot', waitMs: 497.5, standsFor: 1 },
      ]);
      const all = { from: query.from, to: query.to, perFunction: 10 };
      expect((await store.callsBetween(all)).filter((row) => row.functionId === `${functionId}-2`)).toHaveLength(1);
    });

    it('are thinned evenly where a function had more than were asked for', async () => {
      await store.writeInvocations(packed(Array.from({ length: 25 }, (_, i) => call(60 + i))));
      const rows = await store.callsBetween({ from: at(60), to: at(120), perFunction: 10, functionIds: [functionId] });
      expect(rows.map((row) => [row.at, row.standsFor])).toEqual(
        [0, 3, 6, 9, 12, 15, 18, 21, 24].map((i) => [at(60 + i), 3]),
      );
    });

    it('are thinned by the same measure where some were ordinary and others not', async () => {
      await store.writeInvocations(
        packed([
          ...Array.from({ length: 30 }, (_, i) => call(60 + i)),
          ...Array.from({ length: 10 }, (_, i) => call(60.5 + i, { kind: 'warm', cause: 'expired' })),
          call(60, { kind: 'warm', cause: 'expired', functionId: `${functionId}-2` }),
        ]),
      );
      const span = { from: at(60), to: at(120), perFunction: 20 };
      const rows = await store.callsBetween({ ...span, functionIds: [functionId, `${functionId}-2`] });
      expect(rows.map(({ standsFor }) => standsFor)).toEqual([...Array.from({ length: 20 }, () => 2), 1]);
      const times = rows.slice(0, 20).map((row) => row.at.getTime());
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(await store.callsBetween({ ...span, functionIds: [] })).toEqual([]);
    });

    it('come from every batch, in the order of their arrival', async () => {
      const calls = Array.from({ length: 40 }, (_, i) =>
        call(60 + ((i * 13) % 40), { totalMs: 1000 + i, executeMs: 999 + i, queueMs: 1 }),
      );
      for (let from = 0; from < 40; from += 8) await store.writeInvocations(packed(calls.slice(from, from + 8)));
      const query = { from: at(70), to: at(90), perFunction: 100, functionIds: [functionId] };
      const ended = (record: InvocationRecord) => record.at.getTime() + record.totalMs;
      const expected = calls
        .filter((one) => ended(one) >= at(70).getTime() && ended(one) < at(90).getTime())
        .sort((a, b) => a.at.getTime() - b.at.getTime());
      expect((await store.callsBetween(query)).map(({ at: when, totalMs }) => [when, totalMs])).toEqual(
        expected.map((one) => [one.at, one.totalMs]),
      );
    });

    it('have a mean time for each function', async () => {
      await store.writeInvocations(packed([call(1, { executeMs: 10 }), call(2, { executeMs: 30 })]));
      expect((await store.meanExecuteMs(at(0))).get(functionId)).toBe(20);
      expect((await store.meanExecuteMs(at(600))).get(functionId)).toBeUndefined();
    });
  });

  it('gives the newest forecasts, but not those that are too old', async () => {
    for (const second of [0, 60]) await store.writeForecasts([sampleForecast({ functionId, at: at(second) })]);
    const own = async (since: Date) =>
      (await store.latestForecasts(since)).filter((row) => row.functionId === functionId);
    expect((await own(at(60))).map((row) => row.at)).toEqual([at(60)]);
    expect((await own(at(60)))[0]?.mean).toHaveLength(10);
    expect(await own(at(61))).toEqual([]);
  });

  describe('decisions', () => {
    const nothing = [{ after: 0, running: 0, frozen: 0 }];
    const row = (minute: number, change: Partial<WarmthRecord> = {}): WarmthRecord =>
      sampleWarmth({ tenant, functionId, at: at(60 * minute), decisionId: `${functionId}-${minute}`, ...change });

    it('are kept whole, the newest of each function in front', async () => {
      expect(await store.latestWarmth(functionId)).toBeNull();
      await store.writeWarmth([row(1), row(1, { functionId: `${functionId}-2`, function: 'a', forecastMean: 3 })]);
      expect(await store.latestWarmth(functionId)).toEqual(row(1));
      expect(await store.warmthOf(`${functionId}-1`)).toMatchObject([{ function: 'a', forecastMean: 3 }, row(1)]);
      await store.writeWarmth([row(2)]);
      expect(await store.latestWarmth(functionId)).toEqual(row(2));
      expect((await store.warmthOf(`${functionId}-1`)).map((one) => one.function)).toEqual(['a']);
    });

    it('are remembered where something is held, or was until then; page by page, newest first', async () => {
      for (const decision of [
        row(1, { steps: nothing }),
        row(2),
        row(3, { steps: nothing }),
        row(4, { steps: nothing }),
      ]) {
        await store.writeWarmth([decision]);
      }
      const first = await store.warmthHistory({ functionId, limit: 1 });
      expect(first.items.map((one) => one.at)).toEqual([at(180)]);
      const second = await store.warmthHistory({ functionId, limit: 1, cursor: first.next });
      expect(second).toMatchObject({ items: [{ at: at(120) }], next: null });
    });
  });

  it('adds figures up', async () => {
    const before = await store.warmingFigures();
    await store.addWarmingFigures({ decisions: 2, planSeconds: 0.5 });
    await store.addWarmingFigures({ decisions: 1, capped: 0 });
    const after = await store.warmingFigures();
    expect(after.decisions - before.decisions).toBe(3);
    expect(after.planSeconds - before.planSeconds).toBeCloseTo(0.5);
    expect(after.capped).toBe(before.capped);
  });
}
