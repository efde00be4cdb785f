import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { costsOf, paidOf } from '../../../core/cost/costs-of';
import { PriceBook } from '../../../core/cost/price-book';
import { priceTableId } from '../../../core/cost/price-table-id';
import { pricingText } from '../../../core/cost/pricing';
import type { InvocationBatch, InvocationRecord, Store } from '../../../drivers/store/store';
import { deployRevision, newTenant, packed, sampleInvocation } from './sample-records';

const START = Date.parse('2026-03-04T05:06:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Prices of two tables, by which calls are priced. */
export const CLOUD = priceTableOf(costSettingsSchema.parse({ preset: 'google-cloud-run' }));
const OWN = priceTableOf(costSettingsSchema.parse({ preset: 'own-machine' }));
export const BOOK = new PriceBook([CLOUD, OWN]);
export const PRICED = pricingText({ table: priceTableId(CLOUD), tier: 'edge', region: 'eu', slaMs: 2 });

/** What calls cost: each for itself, and added up. */
export function costOf(records: readonly InvocationRecord[]): bigint {
  return records.reduce(
    (sum, record) => (costsOf(record, BOOK)?.cost ?? []).reduce((all, amount) => all + amount, sum),
    0n,
  );
}

/** What of it is paid: credits for late calls are not. */
export function paidFor(records: readonly InvocationRecord[]): bigint {
  return records.reduce((sum, record) => {
    const costs = costsOf(record, BOOK);
    return costs ? sum + paidOf(costs) : sum;
  }, 0n);
}

/** What the ledger holds of a tenant in those hours. */
async function ledgerSum(store: Store, tenant: string, hours = 3): Promise<bigint> {
  let sum = 0n;
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const to = new Date(START + hours * HOUR_MS);
    const page = await store.ledger({ tenant, from: new Date(START), to, by: 'minute', limit: 7, cursor });
    for (const { amount } of page.items) sum += amount;
    cursor = page.next;
  }
  return sum;
}

const calls = (tenant: string, functionIds: readonly string[]): fc.Arbitrary<InvocationRecord> =>
  fc
    .record({
      after: fc.integer({ min: 0, max: 3 * MINUTE_MS - 1 }),
      functionId: fc.constantFrom(...functionIds),
      pricing: fc.constantFrom(
        PRICED,
        null,
        pricingText({ table: priceTableId(OWN), tier: 'central', region: null, slaMs: null }),
        pricingText({ table: '0123456789ab', tier: 'edge', region: 'eu', slaMs: null }),
      ),
      change: fc.constantFrom<Partial<InvocationRecord>>(
        {},
        {},
        { kind: 'cold', cause: 'first' },
        { kind: null, node: null },
      ),
      cpuMicros: fc.option(fc.nat()),
      memoryByteMs: fc.nat({ max: 1e12 }),
      bytesOut: fc.nat({ max: 1e9 }),
      userRegion: fc.constantFrom('eu', 'us', null),
    })
    .map(({ after, change, ...part }) =>
      sampleInvocation({ tenant, function: part.functionId, at: new Date(START + after), ...part, ...change }),
    );

/** What is charged: nothing twice, nothing left out, nothing rounded. */
export function describeCosts(storeOf: () => Store): void {
  describe('costs', () => {
    let store: Store;
    let tenant: string;
    beforeEach(async () => {
      store = storeOf();
      tenant = await newTenant(store);
    });
    const span = { from: new Date(START), to: new Date(START + 3 * HOUR_MS) };
    const later = new Date(START + HOUR_MS);
    const spent = async () => {
      const [found] = await store.spend([{ tenant, functionIds: null, ...span }]);
      if (!found) throw new Error('every query has an answer');
      return found;
    };

    test('a price table is kept under its id, and one that is not known is null', async () => {
      const id = await store.putPriceTable(CLOUD);
      expect(await store.putPriceTable(CLOUD)).toBe(id);
      expect(await store.priceTable(id)).toEqual(CLOUD);
      expect(await store.priceTable('000000000000')).toBeNull();
    });

    test('the sum of the calls is that of the ledger, however they are split, ordered and repeated', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.infiniteStream(fc.nat()),
          fc.gen(),
          async (_, lots, gen) => {
            const own = await newTenant(store);
            const ids = [randomUUID(), randomUUID()];
            const records = gen(() => fc.array(calls(own, ids), { minLength: 1, maxLength: 40 }));
            const batches: InvocationBatch[] = [];
            for (let from = 0; from < records.length;) {
              const size = 1 + ((lots.next().value as number) % 8);
              batches.push(packed(records.slice(from, from + size), BOOK));
              from += size;
            }
            const repeated = batches.filter(() => (lots.next().value as number) % 3 === 0);
            for (const batch of [...batches, ...repeated].sort(() => ((lots.next().value as number) % 2) - 0.5)) {
              await store.writeInvocations(batch);
              if ((lots.next().value as number) % 4 === 0) await store.postLedger(later);
            }
            const paid = paidFor(records);
            const [before] = await store.spend([{ tenant: own, functionIds: null, ...span }]);
            expect(before?.spent).toBe(paid);
            await store.postLedger(later);
            expect(await ledgerSum(store, own)).toBe(costOf(records));
            const [after] = await store.spend([{ tenant: own, functionIds: null, ...span }]);
            expect(after?.spent).toBe(paid);
            expect((await store.postLedger(later)).lines).toBe(0);
          },
        ),
        { numRuns: 15 },
      );
    });

    test('only minutes that are over are posted, and what comes later for one is posted too', async () => {
      const call = (after: number) =>
        sampleInvocation({ tenant, functionId: tenant, at: new Date(START + after), pricing: PRICED });
      const [first, second, late] = [call(1_000), call(MINUTE_MS), call(2_000)];
      await store.writeInvocations(packed([first, second], BOOK));
      await store.postLedger(new Date(START + MINUTE_MS - 1));
      expect(await ledgerSum(store, tenant)).toBe(0n);
      await store.postLedger(new Date(START + MINUTE_MS));
      expect(await ledgerSum(store, tenant)).toBe(costOf([first]));
      expect((await spent()).spent).toBe(paidFor([first, second]));
      await store.writeInvocations(packed([late], BOOK));
      expect((await spent()).spent).toBe(paidFor([first, second, late]));
      await store.postLedger(later);
      expect((await spent()).spent).toBe(paidFor([first, second, late]));
      expect(await ledgerSum(store, tenant)).toBe(costOf([first, second, late]));
    });

    test('lines are summed by minute, hour, day and month, of one function and of some components', async () => {
      const { function: fn } = await deployRevision(store, tenant, 'pay');
      const at = [0, 1, 70, 24 * 60, 40 * 24 * 60].map((minutes) => new Date(START + minutes * MINUTE_MS));
      const records = at.map((time) =>
        sampleInvocation({ tenant, functionId: fn.id, function: 'pay', at: time, pricing: PRICED }),
      );
      const named = { functionId: `${tenant}-b`, function: `${tenant}-b` };
      const other = sampleInvocation({ tenant, ...named, at: new Date(START), pricing: PRICED });
      await store.writeInvocations(packed([...records, other], BOOK));
      await store.postLedger(new Date(START + 50 * 24 * HOUR_MS));
      const asked = { tenant, from: new Date(START), to: new Date(START + 60 * 24 * HOUR_MS) };
      const times = async (by: 'minute' | 'hour' | 'day' | 'month') =>
        (await store.ledger({ ...asked, functionId: fn.id, by, components: ['request'] })).items.map(
          ({ time, quantity }) => `${time.toISOString().slice(0, 16)} ${quantity}`,
        );
      expect(await times('minute')).toHaveLength(5);
      expect(await times('hour')).toEqual([
        '2026-03-04T05:00 2',
        '2026-03-04T06:00 1',
        '2026-03-05T05:00 1',
        '2026-04-13T05:00 1',
      ]);
      expect(await times('day')).toEqual(['2026-03-04T00:00 3', '2026-03-05T00:00 1', '2026-04-13T00:00 1']);
      expect(await times('month')).toEqual(['2026-03-01T00:00 4', '2026-04-01T00:00 1']);
      const all = await store.ledger({ ...asked, by: 'month' });
      expect(all.items.filter(({ functionId }) => functionId === fn.id).map(({ component }) => component)).toEqual(
        [...Array<undefined>(2)].flatMap(() => ['compute', 'impact', 'memory', 'network', 'request']),
      );
      expect(all.items.every(({ function: name, functionId }) => name === (functionId === fn.id ? 'pay' : functionId))).toBe(true); // prettier-ignore
      const sum = all.items.reduce((total, { amount }) => total + amount, 0n);
      expect(sum).toBe(costOf([...records, other]));
      const together = await store.ledger({ ...asked, by: 'month', sum: true, components: ['request'] });
      expect(together.items.map(({ functionId, function: name, quantity }) => [functionId, name, quantity])).toEqual([
        ['', '', 5],
        ['', '', 1],
      ]);
      const first = await store.ledger({ ...asked, by: 'month', sum: true, limit: 4 });
      const rest = await store.ledger({ ...asked, by: 'month', sum: true, cursor: first.next });
      expect([...first.items, ...rest.items].reduce((total, { amount }) => total + amount, 0n)).toBe(sum);
      await expect(store.ledger({ ...asked, by: 'day', cursor: first.next })).rejects.toThrow();
      await expect(store.ledger({ ...asked, by: 'day', cursor: 'bad' })).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    });

    test('credits for late calls are in the ledger, and spent by nobody', async () => {
      const late = sampleInvocation({
        tenant,
        functionId: tenant,
        at: new Date(START),
        totalMs: 60_000,
        pricing: PRICED,
      });
      expect(costOf([late]) - paidFor([late])).toBe(BigInt(Math.round(59.998 * CLOUD.tiers.edge.slaSecond * 1e6)));
      await store.writeInvocations(packed([late], BOOK));
      expect((await spent()).spent).toBe(paidFor([late]));
      await store.postLedger(later);
      expect((await spent()).spent).toBe(paidFor([late]));
      expect(await ledgerSum(store, tenant)).toBe(costOf([late]));
    });

    test('spend is told by function, within its span, and of one tenant alone', async () => {
      const call = (functionId: string, after: number) =>
        sampleInvocation({ tenant, functionId, at: new Date(START + after), pricing: PRICED });
      const [a, b] = [`${tenant}-a`, `${tenant}-b`];
      const records = [call(a, 0), call(a, 2 * HOUR_MS), call(b, 5_000)];
      await store.writeInvocations(packed(records, BOOK));
      await store.postLedger(later);
      const hour = { from: new Date(START), to: later };
      const [whole, own, first, other, none] = await store.spend([
        { tenant, functionIds: null, ...span },
        { tenant, functionIds: [a, 'nobody'], ...span },
        { tenant, functionIds: [a], ...hour },
        { tenant: `${tenant}-x`, functionIds: null, ...span },
        { tenant, functionIds: [], ...span },
      ]);
      const one = paidFor(records.slice(0, 1));
      expect(whole?.spent).toBe(3n * one);
      expect(whole?.byFunction).toEqual(new Map([[a, 2n * one], [b, one]])); // prettier-ignore
      expect([own?.spent, first?.spent, other?.spent, none?.spent]).toEqual([2n * one, one, 0n, 0n]);
      expect(own?.byFunction).toEqual(new Map([[a, 2n * one]]));
      expect(await store.spend([])).toEqual([]);
    });
  });
}
