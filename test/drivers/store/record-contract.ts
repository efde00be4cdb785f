import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { InvocationRecord, Page, Store } from '../../../drivers/store/store';
import {
  newTenant,
  packed,
  sampleId,
  sampleEvent,
  sampleInstance,
  sampleInvocation,
  sampleLog,
} from './sample-records';

const MINUTE_MS = 60_000;
const START_OF_MINUTE = Date.parse('2026-03-04T05:06:00.000Z');

/** Every page of a list, one after the other. */
async function allPages<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read(cursor);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

/** Invocations with their counts, logs, events and instances. */
export function describeRecords(current: () => Store): void {
  let store: Store;
  let tenant: string;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
  });

  describe('invocations', () => {
    test('a record comes back as it was written', async () => {
      const hot = sampleInvocation({ tenant });
      const refused = sampleInvocation({
        tenant,
        status: 503,
        errorCode: 'capacity',
        kind: null,
        revision: null,
        node: null,
        instanceId: null,
        cpuMicros: null,
        firstByteMs: null,
        phases: {},
        traceId: 'abc',
      });
      await store.writeInvocations(packed([hot, refused]));
      expect(await store.findInvocation(tenant, hot.id)).toEqual(hot);
      expect(await store.findInvocation(tenant, refused.id)).toEqual(refused);
      expect(await store.findInvocation('someone-else', hot.id)).toBeNull();
      expect(await store.findInvocation(tenant, 'absent')).toBeNull();
      await store.writeInvocations(packed([]));
    });

    test('newest first, page by page, by function, kind and outcome', async () => {
      const at = (second: number) => new Date(START_OF_MINUTE + second * 1000);
      const rows = [
        // The same moment twice: the page must not lose or repeat one.
        sampleInvocation({ tenant, at: at(1), function: 'a', kind: 'cold', cause: 'first' }),
        sampleInvocation({ tenant, at: at(1), function: 'a' }),
        sampleInvocation({ tenant, at: at(2), function: 'b', status: 404 }),
        sampleInvocation({ tenant, at: at(3), function: 'b', status: 500 }),
        sampleInvocation({ tenant, at: at(4), function: 'b', status: 413, errorCode: 'payload_too_large' }),
      ];
      await store.writeInvocations(packed(rows));
      const listed = await allPages((cursor) => store.invocations({ tenant, limit: 1, cursor }));
      expect(listed.map(({ at: time }) => time.getTime())).toEqual([4, 3, 2, 1, 1].map((s) => at(s).getTime()));
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)));
      const ids = async (query: object) => (await store.invocations({ tenant, ...query })).items.map(({ id }) => id);
      expect(await ids({ status: 'error' })).toEqual([rows[4]?.id, rows[3]?.id]);
      expect(await ids({ status: 'ok', function: 'b' })).toEqual([rows[2]?.id]);
      expect(await ids({ kind: 'cold' })).toEqual([rows[0]?.id]);
      await expect(store.invocations({ tenant, cursor: 'bad' })).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    test('a batch written again counts nothing, whole or in part', async () => {
      const functionId = randomUUID();
      const call = (ms: number, change = {}) =>
        sampleInvocation({ tenant, functionId, at: new Date(START_OF_MINUTE + ms), ...change });
      const first = packed([call(1), call(2, { kind: 'warm', cause: 'expired' }), call(3)]);
      const more = call(4, { status: 500 });
      await store.writeInvocations(first);
      await store.writeInvocations(first);
      const { blocks, rows } = packed([call(5), call(6)]);
      const all = { blocks: [...first.blocks, ...blocks], rows: [...first.rows, more, more] };
      await store.writeInvocations({ blocks, rows: [...first.rows, ...rows] });
      await store.writeInvocations(all);
      await store.writeInvocations(all);
      const [count, ...others] = await store.minuteCounts({
        functionId,
        from: new Date(START_OF_MINUTE),
        to: new Date(START_OF_MINUTE + MINUTE_MS),
      });
      expect(others).toEqual([]);
      expect(count).toEqual({
        functionId,
        minute: new Date(START_OF_MINUTE),
        total: 6,
        errors: 1,
        executeMs: 15,
        byKind: { hot: 5, warm: 1, restore: 0, cold: 0 },
        byCause: { expired: 1 },
      });
      expect((await store.invocations({ tenant })).items).toHaveLength(6);
    });

    test('calls in blocks and in rows make one list, newest first, whatever the pages', async () => {
      const kinds = [{}, {}, {}, { kind: 'warm', cause: 'expired' }, { status: 500 }, { attempt: 1 }, { path: '/4', status: 404 }] as const; // prettier-ignore
      const made = (seed: number) => {
        // Many in one millisecond, in several minutes, in two functions, in batches whose spans overlap.
        const at = new Date(START_OF_MINUTE + ((seed * 7_919) % 40) * 4_500);
        return sampleInvocation({
          tenant,
          at,
          function: `f${seed % 2}`,
          functionId: `f${seed % 2}`,
          ...kinds[seed % 7],
        });
      };
      const records = Array.from({ length: 300 }, (_, seed) => made(seed));
      for (let from = 0; from < records.length; from += 60) {
        await store.writeInvocations(packed(records.slice(from, from + 60)));
      }
      await store.writeInvocations(packed([sampleInvocation({ tenant: await newTenant(store) })]));
      const newest = [...records].sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1));
      const fails = ({ status, errorCode }: InvocationRecord) => status >= 500 || errorCode !== null;
      const filters: readonly [Partial<Parameters<Store['invocations']>[0]>, (record: InvocationRecord) => boolean][] =
        [
          [{}, () => true],
          [{ function: 'f1' }, (record) => record.function === 'f1'],
          [{ kind: 'hot' }, ({ kind }) => kind === 'hot'],
          [{ kind: 'warm', function: 'f0' }, (record) => record.kind === 'warm' && record.function === 'f0'],
          [{ status: 'ok' }, (record) => !fails(record)],
          [{ status: 'error' }, fails],
        ];
      for (const limit of [1, 7, 100, 1000]) {
        for (const [filter, wanted] of limit === 1 ? filters.slice(1, 2) : filters) {
          const listed = await allPages((cursor) => store.invocations({ tenant, ...filter, limit, cursor }));
          expect(listed).toEqual(newest.filter(wanted));
        }
      }
    });

    test('each call is found by its id, by its own tenant alone', async () => {
      const at = (ms: number) => new Date(START_OF_MINUTE + ms);
      const calls = [0, 1, 1, 30_000, 59_999, 60_000].map((ms) =>
        sampleInvocation({ tenant, at: at(ms), functionId: `${ms % 2}`, function: `${ms % 2}`, path: `/${ms}` }),
      );
      await store.writeInvocations(packed(calls.slice(0, 3)));
      await store.writeInvocations(packed(calls.slice(3)));
      for (const call of calls) expect(await store.findInvocation(tenant, call.id)).toEqual(call);
      const [first] = calls as [InvocationRecord];
      expect(await store.findInvocation(await newTenant(store), first.id)).toBeNull();
      expect(await store.findInvocation(tenant, sampleId(first.at))).toBeNull();
      expect(await store.findInvocation(tenant, first.id.toUpperCase())).toBeNull();
    });

    test('writers at the same time count together', async () => {
      const functions = [randomUUID(), randomUUID()];
      const batch = (kind: 'warm' | 'restore') =>
        functions.flatMap((functionId) =>
          [0, 1].map(() => sampleInvocation({ tenant, functionId, kind, cause: 'burst' })),
        );
      await Promise.all([
        store.writeInvocations(packed(batch('warm'))),
        store.writeInvocations(packed(batch('restore').reverse())),
        store.writeInvocations(packed(batch('restore'))),
      ]);
      const range = { from: new Date(START_OF_MINUTE), to: new Date(START_OF_MINUTE + MINUTE_MS) };
      const counts = await store.minuteCounts({ tenant, ...range });
      expect(counts.map(({ functionId }) => functionId)).toEqual([...functions].sort());
      for (const count of counts) {
        expect(count).toMatchObject({ total: 6, byKind: { warm: 2, restore: 4 }, byCause: { burst: 6 } });
      }
    });

    test('the counts of any batches are those of their rows', async () => {
      const row = fc.record({
        functionId: fc.constantFrom('f1', 'f2'),
        second: fc.integer({ min: 0, max: 179 }),
        kind: fc.constantFrom('hot', 'warm', 'restore', 'cold', null),
        cause: fc.constantFrom('first', 'expired', null),
        status: fc.constantFrom(200, 404, 500),
      });
      const check = async (batches: (typeof row extends fc.Arbitrary<infer R> ? R[] : never)[]): Promise<void> => {
        const own = await newTenant(store);
        const name = (id: string): string => `${own}-${id}`;
        const records = batches.map((batch) =>
          batch.map(({ second, functionId, ...rest }) =>
            sampleInvocation({
              ...rest,
              tenant: own,
              functionId: name(functionId),
              at: new Date(START_OF_MINUTE + second * 1000),
            }),
          ),
        );
        for (const batch of records) await store.writeInvocations(packed(batch));
        const counts = await store.minuteCounts({
          tenant: own,
          from: new Date(START_OF_MINUTE + MINUTE_MS),
          to: new Date(START_OF_MINUTE + 3 * MINUTE_MS),
        });
        const expected = records.flat().filter(({ at }) => at.getTime() >= START_OF_MINUTE + MINUTE_MS);
        const sum = (pick: (count: (typeof counts)[number]) => number): number =>
          counts.reduce((total, count) => total + pick(count), 0);
        expect(sum(({ total }) => total)).toBe(expected.length);
        expect(sum(({ errors }) => errors)).toBe(expected.filter(({ status }) => status >= 500).length);
        expect(sum(({ byKind }) => byKind.restore)).toBe(expected.filter(({ kind }) => kind === 'restore').length);
        expect(sum(({ byCause }) => byCause['first'] ?? 0)).toBe(
          expected.filter(({ cause }) => cause === 'first').length,
        );
        const keys = counts.map(({ functionId, minute }) => `${functionId} ${minute.toISOString()}`);
        expect(keys).toEqual([...new Set(keys)].sort());
      };
      await fc.assert(fc.asyncProperty(fc.array(fc.array(row, { maxLength: 12 }), { maxLength: 4 }), check), {
        numRuns: 15,
      });
    });

    test('text that no database likes costs no batch', async () => {
      const odd = sampleInvocation({ tenant, path: '/nul\0/half\ud800/ok😀' });
      await store.writeInvocations(packed([odd, sampleInvocation({ tenant })]));
      expect((await store.invocations({ tenant })).items).toHaveLength(2);
      expect((await store.findInvocation(tenant, odd.id))?.path).toContain('/ok😀');
    });
  });

  describe('logs', () => {
    test('in the order written, page by page in both directions', async () => {
      const texts = Array.from({ length: 7 }, (_, index) => `line ${index}`);
      await store.writeLogs(texts.map((text) => sampleLog({ tenant, text })));
      const read = (newestFirst: boolean) =>
        allPages((cursor) => store.logs({ tenant, function: 'hello', limit: 3, cursor, newestFirst }));
      expect((await read(false)).map(({ text }) => text)).toEqual(texts);
      expect((await read(true)).map(({ text }) => text)).toEqual([...texts].reverse());
    });

    test('by function, invocation and time, and only of the tenant', async () => {
      const since = new Date(START_OF_MINUTE);
      const invocationId = randomUUID();
      await store.writeLogs([
        sampleLog({ tenant, text: 'early', at: new Date(START_OF_MINUTE - 1) }),
        sampleLog({ tenant, text: 'mine', at: since, invocationId, stream: 'stderr' }),
        sampleLog({ tenant, text: 'other', at: since, function: 'other' }),
      ]);
      const texts = async (query: object) => (await store.logs({ tenant, ...query })).items.map(({ text }) => text);
      expect(await texts({ since })).toEqual(['mine', 'other']);
      expect(await texts({ function: 'hello' })).toEqual(['early', 'mine']);
      expect(await texts({ invocationId })).toEqual(['mine']);
      expect(await texts({ tenant: await newTenant(store) })).toEqual([]);
      const [line] = (await store.logs({ tenant, invocationId })).items;
      const { id, ...rest } = line ?? { id: '' };
      expect(rest).toEqual(sampleLog({ tenant, text: 'mine', at: since, invocationId, stream: 'stderr' }));
      expect(id).toMatch(/^\d+$/);
    });

    test('a follower that asks for what is after its last line misses nothing', async () => {
      const seen: string[] = [];
      let after: string | undefined;
      const follow = async (): Promise<void> => {
        const page = await store.logs({ tenant, limit: 1000, ...(after === undefined ? {} : { after }) });
        seen.push(...page.items.map(({ text }) => text));
        after = page.items.at(-1)?.id ?? after;
      };
      const writers = Array.from({ length: 12 }, (_, writer) =>
        store.writeLogs([0, 1, 2].map((line) => sampleLog({ tenant, text: `${writer}/${line}` }))),
      );
      let writing = true;
      const written = Promise.all(writers).finally(() => (writing = false));
      while (writing) await follow();
      await written;
      await follow();
      expect(seen).toHaveLength(36);
      expect(new Set(seen).size).toBe(36);
      await expect(store.logs({ tenant, after: 'x' })).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    test('a NUL byte in a line costs no batch', async () => {
      await store.writeLogs([sampleLog({ tenant, text: 'a\0b' }), sampleLog({ tenant, text: 'after' })]);
      expect((await store.logs({ tenant })).items.map(({ text }) => text.length)).toEqual([3, 5]);
    });
  });

  describe('events', () => {
    test('in order, after an id, newest first, by type, and the platform sees all', async () => {
      const data = { nested: { camelCase: [1, 'two'], snake_case: null } };
      const [before] = (await store.events({ tenant: null, limit: 1, newestFirst: true })).items;
      await store.writeEvents([
        sampleEvent({ tenant, type: 'deploy.started', data, function: 'hello' }),
        sampleEvent({ tenant: null, type: 'node.joined', node: 'edge-1' }),
        sampleEvent({ tenant, type: 'deploy.ended' }),
      ]);
      const types = async (query: Parameters<Store['events']>[0]) =>
        (await store.events(query)).items.map(({ type }) => type);
      expect(await types({ tenant })).toEqual(['deploy.started', 'deploy.ended']);
      expect(await types({ tenant, newestFirst: true })).toEqual(['deploy.ended', 'deploy.started']);
      expect(await types({ tenant, types: ['deploy.ended', 'x'] })).toEqual(['deploy.ended']);
      const all = await types({ tenant: null, ...(before ? { after: before.id } : {}) });
      expect(all).toEqual(['deploy.started', 'node.joined', 'deploy.ended']);
      const [first] = (await store.events({ tenant })).items;
      expect(first).toMatchObject({ tenant, type: 'deploy.started', function: 'hello', node: null, data });
      expect(await types({ tenant, after: first?.id ?? '' })).toEqual(['deploy.ended']);
      const paged = await allPages((cursor) => store.events({ tenant, limit: 1, cursor }));
      expect(paged.map(({ type }) => type)).toEqual(['deploy.started', 'deploy.ended']);
    });
  });

  describe('instances', () => {
    test('the last state counts, and the end is final', async () => {
      const one = sampleInstance({ tenant, state: 'starting' });
      const two = sampleInstance({ tenant, node: 'edge-1', function: 'other' });
      await store.upsertInstances([one, two, { ...one, state: 'idle' }]);
      expect(await store.instances({ tenant, function: 'hello' })).toEqual([{ ...one, state: 'idle' }]);
      const ended = { ...one, state: 'ended', endedAt: new Date(START_OF_MINUTE), reason: 'expired' };
      await store.upsertInstances([ended]);
      await store.upsertInstances([{ ...one, state: 'frozen' }]);
      expect(await store.instances({ tenant, live: false })).toEqual([ended]);
      expect(await store.instances({ tenant, live: true })).toEqual([two]);
      expect(await store.instances({ tenant, node: 'edge-1' })).toEqual([two]);
      expect(await store.instances({ tenant })).toHaveLength(2);
    });
  });
}
