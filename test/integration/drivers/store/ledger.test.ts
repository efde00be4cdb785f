import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storageCost, storagePricing } from '../../../../core/cost/storage-cost';
import { warmthPricing } from '../../../../core/cost/warmth/warmth-pricing';
import { createLocalSpool } from '../../../../drivers/spool/local/local-spool';
import type { InvocationRecord, Store } from '../../../../drivers/store/store';
import { InvocationRecorder } from '../../../../gateway/record/invocation-recorder';
import { pricedSink } from '../../../../drivers/store/priced-sink';
import { readSpooledBatch, spooledBatch } from '../../../../gateway/record/spooled-batch';
import { BOOK, CLOUD, costOf, paidFor, PRICED } from '../../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../../drivers/store/sample-records';
import { eventually } from '../../support/eventually';
import { OpenedStores, query } from '../../support/opened-stores';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../support/temporary-postgres';

jest.setTimeout(120_000);

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const KEEP = { invocations: 14, logs: 7, events: 30, audit: 365, forecasts: 7, decisions: 7, ledger: 400 };
const START = Date.parse('2026-03-04T05:50:00.000Z');
const QUIET = { warn: () => undefined };

let server: TemporaryPostgres;
let folder: string;
const stores = new OpenedStores();
beforeAll(async () => {
  server = await startTemporaryPostgres();
  folder = await mkdtemp(path.join(tmpdir(), 'presage-ledger-'));
});
afterAll(async () => {
  await stores.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (url: string): Store => stores.open(url);
const freshStore = (): Promise<{ store: Store; url: string }> => stores.fresh(server);

const sumOf = async (url: string, table: 'ledger' | 'ledger_hours'): Promise<bigint> => {
  const [row] = await query<{ sum: string }>(url, `select coalesce(sum(amount), 0)::text as sum from ${table}`);
  return BigInt(row?.sum ?? 0);
};

/** Calls over twenty minutes: most of them ordinary, of a few functions and of many. */
function calls(count: number, from = 0): InvocationRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = from + index;
    const tenant = seed % 3 === 0 ? 'acme' : 'other';
    const name = `${tenant}-f${seed % 7}`;
    return sampleInvocation({
      tenant,
      functionId: name,
      function: name,
      at: new Date(START + ((seed * 7_919) % (20 * MINUTE_MS))),
      pricing: PRICED,
      memoryByteMs: 1e6 + seed * 31,
      bytesOut: seed * 17,
      cpuMicros: seed % 900,
      ...(seed % 11 === 0 ? { kind: 'warm', cause: 'expired' } : {}),
    });
  });
}

test('what two gateways, killed and repeated, have written is in the ledger to the last picodollar', async () => {
  const { url } = await freshStore();
  const gateway = (name: string) => {
    const store = open(url);
    const spool = createLocalSpool({
      ...{ dir: path.join(folder, name), maxBytes: 1e9, write: spooledBatch, read: readSpooledBatch, log: QUIET },
    });
    const sink = pricedSink(store, CLOUD);
    const recorder = new InvocationRecorder({ sink, spool, log: QUIET, prices: BOOK, flushMs: 5, batchCalls: 200 });
    recorder.open();
    return recorder;
  };
  const poster = open(url);
  const all = calls(12_000);
  const [one, two] = [gateway('one'), gateway('two')];
  let posting = true;
  const post = (async () => {
    while (posting) {
      await poster.postLedger(new Date(START + 19 * MINUTE_MS)).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  for (let at = 0; at < all.length; at += 100) {
    for (const record of all.slice(at, at + 100)) (at % 200 === 0 ? one : two).record(record);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (at === 3_000 || at === 8_000) {
      // In the middle of whatever is being written and posted.
      await server.kill();
      for (const record of all.slice(at, at + 1)) two.record(sampleInvocation({ ...record, pricing: null }));
      await server.start();
    }
  }
  await Promise.all([one.close(30_000), two.close(30_000)]);
  await eventually(async () => (one.spooledBytes + two.spooledBytes === 0 && one.pending + two.pending === 0 ? true : undefined), 'the records'); // prettier-ignore
  posting = false;
  await post;
  const store = open(url);
  const wanted = costOf(all);
  const whole = { from: new Date(START), to: new Date(START + 20 * MINUTE_MS) };
  const spends = async (from: Store) =>
    (await from.spend(['acme', 'other'].map((tenant) => ({ tenant, functionIds: null, ...whole })))).reduce(
      (sum, { spent }) => sum + spent,
      0n,
    );
  expect(await spends(store)).toBe(paidFor(all));
  await poster.postLedger(new Date(START + 60 * MINUTE_MS));
  expect(await sumOf(url, 'ledger')).toBe(wanted);
  expect(await sumOf(url, 'ledger_hours')).toBe(wanted);
  expect(await spends(store)).toBe(paidFor(all));
  expect(await store.compareLedger({ tenant: null, ...whole })).toMatchObject({
    calls: all.length,
    differences: 0,
    unpriced: 0,
  });
});

test('spend is exact at every moment while others write and post', async () => {
  const { store, url } = await freshStore();
  const [writer, poster, reader] = [open(url), open(url), open(url)];
  const query = { tenant: 'acme', functionIds: null, from: new Date(START), to: new Date(START + 30 * MINUTE_MS) };
  let [written, begun] = [0n, 0n];
  let done = false;
  const write = (async () => {
    for (let round = 0; round < 60; round++) {
      const records = calls(40, round * 40).map((record) => ({ ...record, tenant: 'acme' }));
      begun += paidFor(records);
      await writer.writeInvocations(packed(records, BOOK));
      written += paidFor(records);
    }
    done = true;
  })();
  const post = (async () => {
    while (!done) await poster.postLedger(new Date(START + 30 * MINUTE_MS));
  })();
  let before = 0n;
  while (!done) {
    const least = written;
    const [found] = await reader.spend([query]);
    const spent = found?.spent ?? -1n;
    expect(spent).toBeGreaterThanOrEqual(least > before ? least : before);
    expect(spent).toBeLessThanOrEqual(begun);
    before = spent;
  }
  await Promise.all([write, post]);
  for (const each of [reader, store]) expect((await each.spend([query]))[0]?.spent).toBe(written);
});

test('the check finds what was altered, left out and never priced, and nothing else', async () => {
  const { store, url } = await freshStore();
  await store.putPriceTable(CLOUD);
  const window = { tenant: null, from: new Date(START), to: new Date(START + 20 * MINUTE_MS) };
  const unknown = PRICED.replace(/^\w{12}/, '0123456789ab');
  await store.writeInvocations(
    packed([...calls(500), sampleInvocation({ at: new Date(START), pricing: unknown })], BOOK),
  );
  await store.postLedger(new Date(START + 10 * MINUTE_MS));
  expect(await store.compareLedger(window)).toMatchObject({ calls: 501, differences: 0, unpriced: 1, examples: [] });
  expect(await store.compareLedger({ ...window, tenant: 'acme' })).toMatchObject({ calls: 167, unpriced: 0 });
  // Somebody who may do anything, and does.
  await query(url, `set session_replication_role = replica; update ledger set amount = amount + 1 where id = 1`);
  await query(
    url,
    `update function_minutes set cost_memory = cost_memory - 1 where minute = '2026-03-04T06:05:00Z' and function_id = 'other-f3'`,
  );
  const found = await store.compareLedger(window);
  expect(found.differences).toBe(2);
  expect(found.examples.map(({ recorded, charged }) => charged - recorded).sort()).toEqual([-1n, 1n]);
});

test('the check finds warmth and storage that are not what their rows come to', async () => {
  const { store, url } = await freshStore();
  await store.putPriceTable(CLOUD);
  const held = { runningByteMs: 10n ** 13n, frozenByteMs: 10n ** 13n, sharedByteMs: 5n };
  const rows = [0, 1, 2].map((minute) => ({
    ...{ tenant: 'acme', functionId: 'f', function: 'f', minute: new Date(START + minute * MINUTE_MS), ...held },
  }));
  await store.writeHeld({ id: randomUUID(), node: 'n', ...warmthPricing(CLOUD, 'edge'), rows });
  const { pricing, checkpointGbMonth } = storagePricing(CLOUD).central;
  const hour = '2026-03-04T05:00:00Z';
  const cost = storageCost(10n ** 18n, checkpointGbMonth);
  await query(
    url,
    `insert into storage_hours (function_id, hour, pricing, tenant, function, byte_ms, cost_storage, unposted)
      values ('f', '${hour}', '${pricing}', 'acme', 'f', 1e18, ${cost}, true)`,
  );
  await store.postLedger(new Date(START + 2 * MINUTE_MS));
  const window = { tenant: null, from: new Date(hour), to: new Date(START + 20 * MINUTE_MS) };
  expect(await store.compareLedger(window)).toMatchObject({ calls: 0, sums: 4, differences: 0, unpriced: 0 });
  await query(
    url,
    `set session_replication_role = replica; update ledger set amount = amount - 2 where component in ('warmth', 'storage') and minute <= '2026-03-04T05:50:00Z'`,
  );
  await query(url, `update held_minutes set frozen_byte_ms = frozen_byte_ms * 2 where minute = '2026-03-04T05:52:00Z'`);
  const found = await store.compareLedger(window);
  expect(found.differences).toBe(3);
  expect(
    found.examples.map(({ component, minute }) => `${component} ${minute.toISOString().slice(11, 16)}`).sort(),
  ).toEqual(['storage 05:00', 'warmth 05:50', 'warmth 05:52']);
});

test('lines take no change and no removal, but retention moves them to their days and drops those', async () => {
  const { store, url } = await freshStore();
  const now = new Date('2026-05-20T12:00:00Z');
  const call = (at: Date) => sampleInvocation({ tenant: 'acme', functionId: 'f', at, pricing: PRICED });
  const records = [
    call(now),
    call(new Date(now.getTime() - 401 * DAY_MS)),
    call(new Date(now.getTime() - 30 * DAY_MS)),
  ];
  await store.writeInvocations(packed(records, BOOK));
  await store.postLedger(new Date(now.getTime() + MINUTE_MS));
  const attempts = async (): Promise<void> => {
    for (const statement of ['update ledger set amount = 0', 'delete from ledger', 'truncate ledger']) {
      await expect(query(url, statement)).rejects.toThrow('append-only');
    }
  };
  await attempts();
  expect(await sumOf(url, 'ledger')).toBe(costOf(records));
  await store.maintainPartitions(now, KEEP);
  const parts = await query<{ name: string }>(
    url,
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'ledger'::regclass order by 1`,
  );
  expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['ledger_20260420', 'ledger_20260520']));
  const kept = costOf([call(now), call(now)]);
  expect([await sumOf(url, 'ledger'), await sumOf(url, 'ledger_hours')]).toEqual([kept, kept]);
  await attempts();
  await store.maintainPartitions(new Date(now.getTime() + 371 * DAY_MS), KEEP);
  expect([await sumOf(url, 'ledger'), await sumOf(url, 'ledger_hours')]).toEqual([
    costOf([call(now)]),
    costOf([call(now)]),
  ]);
});

test('a month of a tenant with many functions is read at once, and again in little time', async () => {
  const { store, url } = await freshStore();
  // As the poster leaves it: a hundred functions over thirty days, three lines an hour each.
  await query(
    url,
    `with made as (
      select minute, 'f' || fn as function_id, component, fn + 1 as amount
      from generate_series('2026-03-01'::timestamptz, '2026-03-30'::timestamptz, '1 hour') as minute,
        generate_series(1, 100) as fn, unnest(array['request', 'memory', 'network']) as component
    ), hours as (
      insert into ledger_hours (tenant, hour, function_id, component, function, quantity, amount)
      select 'acme', minute, function_id, component, function_id, 1, amount from made
    ), lines as (
      insert into ledger (minute, tenant, function_id, function, component, quantity, amount)
      select minute, 'acme', function_id, function_id, component, 1, amount from made returning id
    ) update ledger_head set last_id = (select max(id) from lines)`,
  );
  await query(url, 'analyze');
  const month = { tenant: 'acme', functionIds: null, from: new Date('2026-03-01'), to: new Date('2026-04-01') };
  const [first] = await store.spend([month]);
  expect(first?.spent).toBe(BigInt(697 * 3 * (5_050 + 100)));
  const record = sampleInvocation({
    tenant: 'acme',
    functionId: 'f1',
    at: new Date('2026-03-30T07:00:01Z'),
    pricing: PRICED,
  });
  await store.writeInvocations(packed([record], BOOK));
  await store.postLedger(new Date('2026-04-01'));
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const began = performance.now();
    const [again] = await store.spend([month, { ...month, functionIds: ['f1'] }]);
    times.push(performance.now() - began);
    expect(again?.spent).toBe((first?.spent ?? 0n) + paidFor([record]));
  }
  expect(Math.min(...times)).toBeLessThan(20);
});
