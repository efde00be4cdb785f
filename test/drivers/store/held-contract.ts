import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { storageCost, type StoragePricing } from '../../../core/cost/storage-cost';
import type { HeldBatch } from '../../../core/cost/warmth/held-batch';
import type { HeldRow } from '../../../core/cost/warmth/held-row';
import { warmthPricing } from '../../../core/cost/warmth/warmth-pricing';
import { warmthCost } from '../../../core/cost/warmth/warmth-cost';
import type { Store } from '../../../drivers/store/store';
import { CLOUD } from './cost-contract';
import { deployRevision, newTenant } from './sample-records';

const MINUTE = new Date('2026-03-04T05:06:00.000Z');
const LATER = new Date('2026-03-04T05:08:00.000Z');
const HOUR_MS = 3_600_000;
const PRICES = { gbSecondRunning: 16.6667, gbSecondFrozen: 4.1667 };

/** What is kept for functions between their calls. */
export function describeHeld(current: () => Store): void {
  let store: Store;
  let tenant: string;
  let functionId: string;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
    functionId = randomUUID();
  });
  const row = (change: Partial<HeldRow> = {}): HeldRow => ({
    ...{ tenant, functionId, function: 'f', minute: MINUTE },
    ...{ runningByteMs: 0n, frozenByteMs: 0n, sharedByteMs: 0n, ...change },
  });
  const batch = (rows: readonly HeldRow[], change: Partial<HeldBatch> = {}): HeldBatch => ({
    id: randomUUID(),
    ...{ node: 'edge-1', pricing: 'by-this', prices: PRICES, rows, ...change },
  });
  const read = (id = functionId) => store.heldMinutes({ functionId: id, from: MINUTE, to: LATER });

  describe('held memory', () => {
    test('reports add up by minute, node and prices; each counts once, however often it comes', async () => {
      const second = new Date(MINUTE.getTime() + 60_000);
      const one = batch([
        row({ runningByteMs: 10n ** 12n, sharedByteMs: 5n }),
        row({ minute: second, frozenByteMs: 7n }),
      ]);
      await Promise.all([store.writeHeld(one), store.writeHeld(one)]);
      await store.writeHeld(batch([row({ runningByteMs: 1n, frozenByteMs: 10n ** 12n })]));
      await store.writeHeld(batch([row({ runningByteMs: 3n })], { node: 'edge-2' }));
      await store.writeHeld(batch([row({ runningByteMs: 4n })], { pricing: 'by-that' }));
      await store.writeHeld(one);
      await store.writeHeld(batch([]));
      const found = await read();
      expect(found.map(({ minute, node, pricing }) => [minute, node, pricing])).toEqual([
        [MINUTE, 'edge-1', 'by-that'],
        [MINUTE, 'edge-1', 'by-this'],
        [MINUTE, 'edge-2', 'by-this'],
        [second, 'edge-1', 'by-this'],
      ]);
      expect(found[1]).toEqual({
        ...row({ runningByteMs: 10n ** 12n + 1n, frozenByteMs: 10n ** 12n, sharedByteMs: 5n }),
        ...{ node: 'edge-1', pricing: 'by-this', cost: 16_666_700n + 4_166_700n },
      });
      expect(found[3]).toMatchObject({ frozenByteMs: 7n, cost: 0n });
      expect(await store.heldMinutes({ functionId, from: second, to: second })).toEqual([]);
    });

    test('what nobody used is the platform’s, without a tenant', async () => {
      const id = `platform-${functionId}`;
      await store.writeHeld(batch([row({ tenant: null, functionId: id, function: 'platform', sharedByteMs: 9n })]));
      await store.postLedger(LATER);
      expect(await read(id)).toMatchObject([{ tenant: null, sharedByteMs: 9n }]);
    });

    test('comes into the ledger once, late reports too, and counts as spent before', async () => {
      const span = { from: new Date('2026-03-04T05:00:00.000Z'), to: new Date('2026-03-04T06:00:00.000Z') };
      const spent = async () =>
        (await store.spend([{ tenant, functionIds: null, ...span }]))[0]?.byFunction.get(functionId);
      const lines = async () =>
        (await store.ledger({ tenant, functionId, ...span, by: 'minute', components: ['warmth'] })).items;
      await store.writeHeld(batch([row({ runningByteMs: 10n ** 12n })]));
      await store.writeHeld(batch([row({ frozenByteMs: 10n ** 12n })], { node: 'edge-2' }));
      expect(await spent()).toBe(20_833_400n);
      await store.postLedger(new Date(MINUTE.getTime() + 59_999));
      expect(await lines()).toEqual([]);
      await store.postLedger(LATER);
      expect(await lines()).toMatchObject([{ time: MINUTE, quantity: 2, amount: 20_833_400n }]);
      // A third of a picodollar each time: what rounding keeps back is not lost.
      const third = batch([row({ frozenByteMs: 80_000n })]);
      for (let report = 0; report < 3; report++) await store.writeHeld({ ...third, id: randomUUID() });
      await store.writeHeld(third);
      await store.writeHeld(third);
      const all = await read();
      const cost = all.reduce((sum, each) => sum + each.cost, 0n);
      expect(cost).toBe(20_833_401n);
      expect(await spent()).toBe(cost);
      await store.postLedger(LATER);
      await store.postLedger(LATER);
      expect(await spent()).toBe(cost);
      expect(await lines()).toMatchObject([{ amount: cost }]);
    });

    test('what is charged of it is held against the rows that it comes from, posted or not', async () => {
      await store.putPriceTable(CLOUD);
      const { pricing, prices } = warmthPricing(CLOUD, 'edge');
      const priced = { pricing, prices };
      const window = { tenant, from: MINUTE, to: LATER };
      await store.writeHeld(batch([row({ runningByteMs: 10n ** 12n, sharedByteMs: 10n ** 11n })], priced));
      await store.writeHeld(batch([row({ frozenByteMs: 10n ** 12n })], { ...priced, node: 'edge-2' }));
      const right = { calls: 0, sums: 1, differences: 0, unpriced: 0 };
      expect(await store.compareLedger(window)).toMatchObject(right);
      await store.postLedger(LATER);
      await store.writeHeld(batch([row({ runningByteMs: 7n * 10n ** 11n })], priced));
      expect(await store.compareLedger(window)).toMatchObject(right);
      await store.postLedger(LATER);
      expect(await store.compareLedger(window)).toMatchObject(right);
      expect(await store.compareLedger({ ...window, tenant: `${tenant}-other` })).toMatchObject({ sums: 0 });
      // By prices that nobody knows: what it costs cannot be reckoned anew.
      await store.writeHeld(batch([row({ runningByteMs: 10n ** 12n })]));
      expect(await store.compareLedger(window)).toMatchObject({ ...right, unpriced: 1 });
      // A report that names one table and brings the prices of another is found out.
      const wrong = { pricing, prices: { gbSecondRunning: 1, gbSecondFrozen: 1 }, node: 'edge-3' };
      await store.writeHeld(batch([row({ runningByteMs: 10n ** 12n })], wrong));
      const found = await store.compareLedger(window);
      expect(found).toMatchObject({ ...right, unpriced: 1, differences: 1 });
      const [{ component, recorded, charged } = { component: '', recorded: 0n, charged: 0n }] = found.examples;
      expect([component, recorded - charged]).toEqual([
        'warmth',
        BigInt(Math.round(prices.gbSecondRunning * 1e6)) - 1_000_000n,
      ]);
    });

    test('the cost of a minute is that of all that it holds, whatever reports brought it', async () => {
      const some = fc.bigInt({ min: 0n, max: 10n ** 16n });
      const report = fc.record({ runningByteMs: some, frozenByteMs: some, sharedByteMs: some });
      const prices = fc.record({
        gbSecondRunning: fc.double({ min: 0, max: 1e6, noNaN: true }),
        gbSecondFrozen: fc.double({ min: 0, max: 100, noNaN: true }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 4 }), prices, async (reports, at) => {
          const id = randomUUID();
          for (const each of reports) {
            await store.writeHeld(batch([row({ functionId: id, ...each })], { pricing: 'any', prices: at }));
          }
          const sum = (of: (each: (typeof reports)[number]) => bigint): bigint =>
            reports.reduce((all, each) => all + of(each), 0n);
          const all = {
            runningByteMs: sum((each) => each.runningByteMs),
            frozenByteMs: sum((each) => each.frozenByteMs),
            sharedByteMs: sum((each) => each.sharedByteMs),
          };
          expect(await read(id)).toMatchObject([{ ...all, cost: warmthCost(all, at) }]);
        }),
        { numRuns: 25 },
      );
    });

    test('checkpoints are charged for each hour that has ended, from their beginning to their deletion, once', async () => {
      const prices: StoragePricing = {
        edge: { pricing: 'edge', checkpointGbMonth: 46_000 },
        regional: { pricing: 'regional', checkpointGbMonth: 30_000 },
        central: { pricing: 'central', checkpointGbMonth: 23_000 },
      };
      const { revision } = await deployRevision(store, tenant, 'stored');
      const make = async (id: string, change: Parameters<Store['updateCheckpoint']>[1]): Promise<Date> => {
        const whose = {
          tenant,
          function: 'stored',
          revisionId: revision.id,
          revision: 1,
          node: 'nowhere',
          hostKey: 'h',
        };
        const { createdAt } = await store.createCheckpoint({ id: `${id}-${functionId}`, ...whose });
        await store.updateCheckpoint(`${id}-${functionId}`, change);
        return createdAt;
      };
      const made = await make('kept', { state: 'ready', sealedBytes: 6_000_000_000 });
      await make('failing', { state: 'quarantined', sealedBytes: 1_000 });
      await make('unsealed', { state: 'making', sealedBytes: 0 });
      await make('gone', { state: 'deleted', sealedBytes: 5_000_000_000 });
      const hour = Math.floor(made.getTime() / HOUR_MS) * HOUR_MS;
      const whole = { functionId: revision.functionId, from: new Date(hour), to: new Date(hour + 10 * HOUR_MS) };

      await store.chargeStorage(new Date(hour + HOUR_MS - 1), prices);
      expect(await store.storageHours(whole)).toEqual([]);
      const ended = new Date(hour + HOUR_MS);
      await Promise.all([store.chargeStorage(ended, prices), store.chargeStorage(ended, prices)]);
      const [first, ...others] = await store.storageHours(whole);
      expect(others).toEqual([]);
      expect(first).toMatchObject({ tenant, function: 'stored', hour: new Date(hour), pricing: 'central' });
      const ms = hour + HOUR_MS - made.getTime();
      expect(Math.abs(Number(first?.byteMs) / 6_000_000_000 - ms)).toBeLessThan(5);
      expect(first?.cost).toBe(storageCost(first?.byteMs ?? 0n, 23_000));

      await store.updateCheckpoint(`failing-${functionId}`, { state: 'deleted' });
      await store.chargeStorage(new Date(hour + 3 * HOUR_MS + 5), prices);
      await store.chargeStorage(new Date(hour + 3 * HOUR_MS + 5), prices);
      const found = await store.storageHours(whole);
      expect(found.map(({ hour: at }) => (at.getTime() - hour) / HOUR_MS)).toEqual([0, 1, 2]);
      expect(found[2]?.byteMs).toBe(6_000_000_000n * BigInt(HOUR_MS));
      await store.postLedger(new Date(hour + 3 * HOUR_MS + 5));
      const { items } = await store.ledger({ tenant, ...whole, by: 'hour', components: ['storage'] });
      expect(items.map(({ amount }) => amount)).toEqual(found.map(({ cost }) => cost));
      expect(items[2]?.quantity).toBeCloseTo(6 / 720);
      // Prices that nobody has kept; what is charged is what the rows say.
      expect(await store.compareLedger({ tenant, from: whole.from, to: whole.to })).toMatchObject({
        ...{ calls: 0, sums: 3, differences: 0, unpriced: 3 },
      });
    });
  });
}
