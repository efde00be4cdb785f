import type { Store } from '../../../drivers/store/store';
import { deployRevision, newTenant, packed, sampleInvocation } from './sample-records';

const MINUTE_MS = 60_000;
const at = (text: string): Date => new Date(`2026-03-${text}:00.000Z`);

/** What the platform counted itself, and what was imported from other systems. */
export function describeHistory(current: () => Store): void {
  describe('history', () => {
    let store: Store;
    let tenant: string;
    let functionId: string;
    beforeEach(async () => {
      store = current();
      tenant = await newTenant(store);
      functionId = (await deployRevision(store, tenant)).function.id;
    });
    const importCounts = (first: Date, counts: readonly number[], source = 'other') =>
      store.importHistory({ tenant, source, series: [{ functionId, first, counts: Int32Array.from(counts) }] });
    const own = (minute: Date, count: number) =>
      store.writeInvocations(
        packed(Array.from({ length: count }, () => sampleInvocation({ tenant, functionId, at: minute }))),
      );
    const read = async (from: Date, to: Date) => {
      const [history] = await store.functionHistory({ functionIds: [functionId], from, to });
      if (!history) throw new Error('no answer for the function');
      return [history.from.toISOString().slice(8, 16), ...history.counts];
    };

    test('counts over midnight come back minute by minute, and only what was asked for', async () => {
      expect(await importCounts(at('04T23:58'), [1, 2, 3, 0, 1_000_000_000])).toBe(2);
      expect(await read(at('04T23:00'), at('05T00:05'))).toEqual(['04T23:58', 1, 2, 3, 0, 1_000_000_000, 0, 0]);
      expect(await read(at('04T23:59'), at('05T00:01'))).toEqual(['04T23:59', 2, 3]);
      expect(await read(at('01T00:00'), at('04T23:58'))).toEqual(['04T23:58']);
      expect(await read(at('05T00:03'), at('05T00:03'))).toEqual(['05T00:03']);
    });

    test('tells which functions something was imported for since a time', async () => {
      const before = new Date(Date.now() - 1_000);
      await importCounts(at('04T10:00'), [1]);
      expect(await store.importedSince(before)).toContain(functionId);
      expect(await store.importedSince(new Date(Date.now() + MINUTE_MS))).not.toContain(functionId);
    });

    test('the same again changes nothing; other counts replace those minutes and no others', async () => {
      await importCounts(at('04T10:00'), [1, 2, 3, 4]);
      expect(await importCounts(at('04T10:00'), [1, 2, 3, 4])).toBe(0);
      expect(await importCounts(at('04T10:01'), [2, 3])).toBe(0);
      expect(await importCounts(at('04T10:02'), [7, 0, 9])).toBe(1);
      expect(await read(at('04T09:00'), at('04T10:05'))).toEqual(['04T10:00', 1, 2, 7, 0, 9]);
    });

    test('a minute that the platform counted itself wins, whichever came first', async () => {
      await own(at('04T10:01'), 3);
      await importCounts(at('04T10:00'), [5, 5, 5]);
      await own(at('04T10:02'), 1);
      await own(at('04T10:04'), 2);
      expect(await read(at('04T10:00'), at('04T10:06'))).toEqual(['04T10:00', 5, 3, 1, 0, 2, 0]);
    });

    test('several functions at once, in the order asked for, also those of which nothing is known', async () => {
      const other = (await deployRevision(store, tenant, 'other')).function.id;
      await store.importHistory({
        tenant,
        source: 'other',
        series: [
          { functionId, first: at('04T10:00'), counts: Int32Array.of(1) },
          { functionId: other, first: at('04T10:01'), counts: Int32Array.of(2) },
        ],
      });
      const query = { from: at('04T10:00'), to: at('04T10:02') };
      const found = await store.functionHistory({ functionIds: [other, 'nobody', functionId], ...query });
      expect(found.map((each) => [each.functionId, each.from, [...each.counts]])).toEqual([
        [other, at('04T10:01'), [2]],
        ['nobody', at('04T10:02'), []],
        [functionId, at('04T10:00'), [1, 0]],
      ]);
      expect(await store.functionHistory({ functionIds: [], ...query })).toEqual([]);
    });

    test('days tell what was imported, from where, and what is the platform’s own', async () => {
      expect(await store.historyDays(functionId)).toEqual([]);
      await importCounts(at('04T23:59'), [4, 0, 6], 'a trace');
      await own(at('05T12:00'), 2);
      await own(at('06T12:00'), 1);
      const day = (date: string, change: object) => ({
        day: at(`${date}T00:00`),
        importedMinutes: 0,
        imported: 0,
        source: null,
        ownMinutes: 0,
        own: 0,
        ...change,
      });
      expect(await store.historyDays(functionId)).toEqual([
        day('04', { importedMinutes: 1, imported: 4, source: 'a trace' }),
        day('05', { importedMinutes: 2, imported: 6, source: 'a trace', ownMinutes: 1, own: 2 }),
        day('06', { ownMinutes: 1, own: 1 }),
      ]);
    });

    test('forgetting leaves what the platform counted', async () => {
      expect(await store.deleteImportedHistory(functionId)).toBe(false);
      await importCounts(at('04T10:00'), [1, 1]);
      await own(at('04T10:01'), 2);
      expect(await store.deleteImportedHistory(functionId)).toBe(true);
      expect(await read(at('04T10:00'), at('04T10:02'))).toEqual(['04T10:01', 2]);
    });

    test('with one unknown function nothing is imported', async () => {
      const counts = new Int32Array(3).fill(1);
      const first = at('04T10:00');
      const refused = store.importHistory({
        tenant,
        source: 'x',
        series: [
          { functionId, first, counts },
          { functionId: 'zzz-nobody', first, counts },
        ],
      });
      await expect(refused).rejects.toMatchObject({ code: 'not_found' });
      expect(await read(first, new Date(first.getTime() + 3 * MINUTE_MS))).toEqual(['04T10:03']);
    });
  });
}
