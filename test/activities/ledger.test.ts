import { ledgerActivities } from '../../activities/ledger-activities';
import { storageCost } from '../../core/cost/storage-cost';
import { PriceBook } from '../../core/cost/price-book';
import { BOOK, CLOUD, costOf, PRICED } from '../drivers/store/cost-contract';
import { deployRevision, packed, sampleInvocation } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';
import { dollarsText } from '../../core/cost/money';

const NOW = Date.parse('2026-03-04T06:00:05.000Z');
const WINDOW = { from: '2026-03-04T05:00:00.000Z', to: '2026-03-04T06:00:00.000Z' };

let now: number;
let store: MemoryStore;
let activities: ReturnType<typeof ledgerActivities>;
beforeEach(() => {
  now = NOW;
  store = createMemoryStore();
  const days = { invocations: 14, logs: 7, events: 30, audit: 365, forecasts: 7, decisions: 7, ledger: 400 };
  const retention = { checkpointsMs: 0, days, forecastModelDays: 30 };
  activities = ledgerActivities({ store, now: () => now, retention, prices: CLOUD });
});

const call = (pricing: string | null = PRICED) => sampleInvocation({ tenant: 'acme', pricing });
const mismatches = async (tenant: string | null) =>
  (await store.events({ tenant, types: ['cost.ledger.mismatch'] })).items;

test('posts what the minutes that are over have cost', async () => {
  await store.writeInvocations(packed([call()], BOOK));
  expect(await activities.postLedger()).toEqual({ lines: 5, dollars: dollarsText(costOf([call()])) });
  expect(await activities.postLedger()).toEqual({ lines: 0, dollars: '0.000000000000' });
});

test('charges checkpoints for the hours that have ended, at the prices of the table, and posts that too', async () => {
  const { function: fn, revision } = await deployRevision(store, (await store.ensureTenant('acme')).name, 'stored');
  const whose = { tenant: 'acme', function: 'stored', revisionId: revision.id, revision: 1, node: 'n', hostKey: 'h' };
  const { createdAt } = await store.createCheckpoint({ id: 'c', ...whose });
  await store.updateCheckpoint('c', { state: 'ready', sealedBytes: 3_000_000_000 });
  now = createdAt.getTime() + 2 * 3_600_000;
  expect(await activities.postLedger()).toMatchObject({ lines: 1 });
  const [line] = await store.storageHours({ functionId: fn.id, from: new Date(0), to: new Date(now) });
  expect(line?.cost).toBe(storageCost(line?.byteMs ?? 0n, CLOUD.tiers.central.checkpointGbMonth));
  expect(await activities.postLedger()).toMatchObject({ lines: 0 });
  const hour = line?.hour.getTime() ?? 0;
  const window = { from: new Date(hour).toISOString(), to: new Date(hour + 3_600_000).toISOString() };
  expect(await activities.compareLedger({ tenant: 'acme', ...window })).toMatchObject({
    sums: 1,
    differences: 0,
    unpriced: 0,
  });
});

test('a ledger that is right is told of to nobody', async () => {
  await store.putPriceTable(CLOUD);
  await store.writeInvocations(packed([call(), call(null)], BOOK));
  const found = await activities.compareLedger({ tenant: null, ...WINDOW });
  expect(found).toEqual({ calls: 1, sums: 5, differences: 0, unpriced: 0, examples: [] });
  await activities.closeLedgerCheck({ id: 'a', tenant: null, ...WINDOW, found });
  expect(await mismatches(null)).toEqual([]);
  expect(await store.latestLedgerCheck()).toMatchObject({ id: 'a', tenant: null, calls: 1, differences: 0 });
});

test('a difference is an event with examples, for whose ledger it is', async () => {
  await store.putPriceTable(CLOUD);
  // A gateway that knows no prices: its calls carry theirs, and are not charged.
  await store.writeInvocations(packed([call()], new PriceBook()));
  const found = await activities.compareLedger({ tenant: 'acme', ...WINDOW });
  expect(found).toMatchObject({ calls: 1, differences: 5 });
  await activities.closeLedgerCheck({ id: 'a', tenant: 'acme', ...WINDOW, found });
  const [event] = await mismatches('acme');
  expect(event?.data).toMatchObject({ ...WINDOW, differences: 5, examples: [{ functionId: 'fn' }, {}, {}, {}, {}] });
  expect(await store.latestLedgerCheck()).toBeNull();
});

test('calls that nobody can price are told of too', async () => {
  await store.writeInvocations(packed([call()], BOOK));
  const found = await activities.compareLedger({ tenant: null, ...WINDOW });
  expect(found).toMatchObject({ calls: 1, unpriced: 1 });
  await activities.closeLedgerCheck({ id: 'a', tenant: null, ...WINDOW, found });
  expect(await mismatches(null)).toHaveLength(1);
});

test('a window begins where records do, and one before all of them is refused', async () => {
  expect(await activities.recordedPart(WINDOW)).toEqual(WINDOW);
  expect(await activities.recordedPart({ ...WINDOW, from: '2026-01-01T00:00:00.000Z' })).toEqual({
    ...WINDOW,
    from: '2026-02-18T00:00:00.000Z',
  });
  const before = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-18T00:00:00.000Z' };
  await expect(activities.recordedPart(before)).rejects.toMatchObject({ code: 'invalid_argument' });
});
