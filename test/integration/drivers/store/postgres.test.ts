import type { Store } from '../../../../drivers/store/store';
import { noticeBox } from '../../../drivers/store/notice-contract';
import {
  deployRevision,
  newTenant,
  packed,
  sampleEvent,
  sampleInstance,
  sampleInvocation,
  sampleLog,
} from '../../../drivers/store/sample-records';
import { describeStoreContract } from '../../../drivers/store/store-contract';
import { OpenedStores, query } from '../../support/opened-stores';
import { startTemporaryPostgres, type TemporaryPostgres } from '../../support/temporary-postgres';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const KEEP = { invocations: 14, logs: 7, events: 30, audit: 365, forecasts: 7, decisions: 7, ledger: 400 };

let server: TemporaryPostgres;
const stores = new OpenedStores();
beforeAll(async () => {
  server = await startTemporaryPostgres();
});
afterAll(async () => {
  await stores.close();
  await server.stop();
});

const open = (url: string): Store => stores.open(url);
const freshStore = (): Promise<{ store: Store; url: string }> => stores.fresh(server);

describeStoreContract('PostgreSQL', async () => (await freshStore()).store);

async function partitionsOf(url: string, table: string): Promise<string[]> {
  const rows = await query<{ name: string }>(
    url,
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = '${table}'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('migrations', () => {
  test('several processes at once bring one database up to date, and once more changes nothing', async () => {
    const url = await server.createDatabase();
    const stores = Array.from({ length: 4 }, () => open(url));
    await Promise.all(stores.map((store) => store.migrate()));
    await Promise.all(stores.map((store) => store.migrate()));
    const applied = await query<{ name: string }>(url, 'select name from presage_migrations order by name');
    expect(applied.map(({ name }) => name)).toEqual([
      '0001-control',
      '0002-records',
      '0004-async',
      '0005-attempts',
      '0006-identity',
      '0007-audit',
      '0008-limits',
      '0009-imported-days',
      '0010-forecasts',
      '0011-warming',
      '0012-policy-trial',
      '0013-nodes',
      '0014-placements',
      '0015-traffic-map',
      '0016-placement-decisions',
      '0017-invocation-blocks',
      '0018-migration-figures',
      '0019-declared-policies',
      '0020-described-nodes',
      '0021-ledger',
      '0022-held-memory',
      '0023-budgets',
      '0024-advice',
      '0025-authority',
    ]);
  });
});

describe('partitions', () => {
  test('imported days are forgotten when the forecast no longer looks at them', async () => {
    const { store } = await freshStore();
    const tenant = await newTenant(store);
    const { function: fn } = await deployRevision(store, tenant);
    const now = new Date('2026-05-20T12:00:00Z');
    const counts = new Int32Array(93 * 1_440).fill(1);
    const first = new Date(now.getTime() - 93 * DAY_MS);
    await store.importHistory({ tenant, source: 'x', series: [{ functionId: fn.id, first, counts }] });
    expect(await store.historyDays(fn.id)).toHaveLength(94);
    await store.maintainPartitions(now, KEEP);
    const [oldest, ...others] = await store.historyDays(fn.id);
    expect(oldest?.day.toISOString()).toBe('2026-02-20T00:00:00.000Z');
    expect(others).toHaveLength(89);
  });

  test.each([
    ['invocations', { kind: 'cold', cause: 'first' }],
    ['invocation_blocks', {}],
  ] as const)(
    'of %s: the coming days are made, what waited moves, what is past retention goes',
    async (table, change) => {
      const { store, url } = await freshStore();
      const tenant = await newTenant(store);
      const now = new Date('2026-05-20T12:00:00Z');
      const ago = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
      const rows = [ago(0), ago(3), ago(20), ago(-2)].map((at) => sampleInvocation({ tenant, at, ...change }));
      const batch = packed(rows);
      expect([batch.blocks, batch.rows].map(({ length }) => length)).toEqual(table === 'invocations' ? [0, 4] : [4, 0]);
      await store.writeInvocations(batch);
      await store.writeLogs([sampleLog({ tenant, at: ago(0) }), sampleLog({ tenant, at: ago(8) })]);
      await store.maintainPartitions(now, KEEP);
      const days = await partitionsOf(url, table);
      expect(days).toEqual(
        expect.arrayContaining(['20260517', '20260520', '20260527'].map((day) => `${table}_${day}`)),
      );
      expect(days).not.toContain(`${table}_20260430`);
      expect(await query(url, `select 1 from only ${table}_default`)).toEqual([]);
      const kept = (await store.invocations({ tenant })).items.map(({ id }) => id);
      expect(kept).toEqual([rows[3], rows[0], rows[1]].map((row) => row?.id));
      expect((await store.logs({ tenant })).items).toHaveLength(1);

      // A row that has moved is still known, so that a repeated batch counts nothing.
      await store.writeInvocations({ blocks: batch.blocks.slice(0, 2), rows: batch.rows.slice(0, 2) });
      expect((await store.invocations({ tenant })).items).toHaveLength(3);

      await store.maintainPartitions(new Date(now.getTime() + 13 * DAY_MS), KEEP);
      expect(await partitionsOf(url, table)).not.toContain(`${table}_20260517`);
      expect((await store.invocations({ tenant })).items.map(({ id }) => id)).toEqual([rows[3]?.id, rows[0]?.id]);
    },
  );

  test('maintainers and writers at the same time lose nothing and hinder nobody', async () => {
    const { store, url } = await freshStore();
    const other = open(url);
    const tenant = await newTenant(store);
    const now = new Date();
    const write = async (count: number): Promise<void> => {
      for (let batch = 0; batch < count; batch++) {
        const at = new Date(now.getTime() + (batch % 3) * DAY_MS);
        const calls = [sampleInvocation({ tenant, at }), sampleInvocation({ tenant, at, attempt: 1 })];
        await store.writeInvocations(packed(calls));
      }
    };
    await Promise.all([write(15), write(15), store.maintainPartitions(now, KEEP), other.maintainPartitions(now, KEEP)]);
    await store.maintainPartitions(now, KEEP);
    expect((await store.invocations({ tenant, limit: 1000 })).items).toHaveLength(60);
    for (const table of ['invocations', 'invocation_blocks']) {
      expect(await query(url, `select 1 from only ${table}_default`)).toEqual([]);
    }
  });

  test('moves that ended are forgotten after retention, and still counted', async () => {
    const { store } = await freshStore();
    const tenant = await newTenant(store);
    const move = { tenant, function: 'hello', from: null, to: 'b', reason: 'person' as const, workflowId: 'w' };
    for (const id of ['ended', 'running']) await store.createMigration({ ...move, id });
    await store.updateMigration('ended', { state: 'completed' });
    const later = (days: number): Date => new Date(Date.now() + days * DAY_MS);
    const kept = async (): Promise<string[]> => (await store.migrations({ tenant })).items.map(({ id }) => id).sort();
    await store.maintainPartitions(later(KEEP.events - 1), KEEP);
    expect(await kept()).toEqual(['ended', 'running']);
    await store.maintainPartitions(later(KEEP.events + 1), KEEP);
    expect(await kept()).toEqual(['running']);
    expect(await store.migrationFigures()).toMatchObject([{ outcome: 'completed', count: 1 }]);
  });

  test('deleted functions and ended instances are forgotten after retention, but not while a checkpoint lives', async () => {
    const { store } = await freshStore();
    const tenant = await newTenant(store);
    const gone = await deployRevision(store, tenant, 'gone');
    const held = await deployRevision(store, tenant, 'held');
    await store.createCheckpoint({
      id: 'c1',
      tenant,
      function: 'held',
      revisionId: held.revision.id,
      revision: 1,
      node: 'local',
      hostKey: 'h',
    });
    for (const name of ['gone', 'held']) await store.deleteFunction(tenant, name);
    await store.upsertInstances([sampleInstance({ tenant, endedAt: new Date() }), sampleInstance({ tenant })]);
    const later = new Date(Date.now() + 20 * DAY_MS);
    await store.maintainPartitions(later, KEEP);
    expect(await store.revisions(gone.function.id)).toEqual([]);
    expect(await store.revisions(held.function.id)).toHaveLength(1);
    expect(await store.instances({ tenant })).toHaveLength(1);
    await store.updateCheckpoint('c1', { state: 'deleted' });
    await store.maintainPartitions(later, KEEP);
    expect(await store.revisions(held.function.id)).toEqual([]);
  });
});

describe('the audit log', () => {
  test('takes no change and no removal, but lets retention move and drop its rows', async () => {
    const { store, url } = await freshStore();
    const now = new Date('2026-05-20T12:00:00Z');
    const entry = (at: Date) => ({
      at, tenant: 'acme', principal: 'k1', action: 'putSecret', resource: '/v1/secrets/a', before: null, after: null,
      requestId: 'r', address: '::1', outcome: 'allowed' as const, status: 204,
    }); // prettier-ignore
    await store.writeAudit([entry(now), entry(new Date(now.getTime() - 400 * DAY_MS))]);
    const attempts = async (): Promise<void> => {
      for (const statement of [`update audit set action = 'x'`, 'delete from audit', 'truncate audit']) {
        await expect(query(url, statement)).rejects.toThrow('append-only');
      }
    };
    await attempts();
    await store.maintainPartitions(now, KEEP);
    expect(await partitionsOf(url, 'audit')).toContain('audit_20260520');
    expect((await store.audit({ tenant: 'acme' })).items.map(({ at }) => at)).toEqual([now]);
    await attempts();
    await store.maintainPartitions(new Date(now.getTime() + 400 * DAY_MS), KEEP);
    expect((await store.audit({ tenant: 'acme' })).items).toEqual([]);
  });
});

describe('speed', () => {
  test('500 rows at a time are written at 5,000 a second or more', async () => {
    const { store } = await freshStore();
    const tenant = await newTenant(store);
    const now = new Date();
    await store.maintainPartitions(now, KEEP);
    const batch = () =>
      Array.from({ length: 500 }, (_, index) =>
        sampleInvocation({ tenant, functionId: `f${index % 20}`, at: now, kind: 'warm' }),
      );
    await store.writeInvocations(packed(batch()));
    const rates: number[] = [];
    for (let round = 0; round < 8; round++) {
      const rows = batch();
      const began = performance.now();
      await store.writeInvocations(packed(rows));
      rates.push((rows.length / (performance.now() - began)) * 1000);
    }
    // The best round: the others measure what else the machine does.
    expect(Math.max(...rates)).toBeGreaterThan(5000);
  });
});

describe('when the server dies', () => {
  test('calls fail as unavailable, then the pool and the subscription come back by themselves', async () => {
    const { store } = await freshStore();
    const tenant = await newTenant(store);
    const box = noticeBox();
    const unsubscribe = await store.subscribe('events', box.listener);
    const readers = Promise.all(Array.from({ length: 5 }, () => store.tenants()));
    await readers;

    await server.kill();
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(store.writeEvents([sampleEvent({ tenant })])).rejects.toMatchObject({ code: 'unavailable' });

    await server.start();
    await store.ping();
    await box.has('');
    box.clear();
    await store.writeEvents([sampleEvent({ tenant })]);
    await box.has(tenant);
    await unsubscribe();
  });

  test('a store opened while the server is away works once it is there, and subscribing does not fail', async () => {
    const { store: first, url } = await freshStore();
    await first.close();
    await server.kill();
    const store = open(url);
    const box = noticeBox();
    await store.subscribe('routes', box.listener);
    await expect(store.migrate()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.maintainPartitions(new Date(), KEEP)).rejects.toMatchObject({ code: 'unavailable' });
    await server.start();
    await box.has('');
    await store.migrate();
  });

  test('a dropped connection in a transaction neither ends the process nor poisons the pool', async () => {
    const { store, url } = await freshStore();
    const tenant = await newTenant(store);
    const writes = Promise.allSettled(Array.from({ length: 20 }, () => deployRevision(store, tenant)));
    await query(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    const outcomes = await writes;
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'unavailable' });
    }
    await deployRevision(store, tenant);
    const numbers = (await store.revisions((await store.findFunction(tenant, 'hello'))?.id ?? '')).map((r) => r.number);
    expect(numbers).toEqual(numbers.map((_, index) => numbers.length - index));
  });
});

describe('errors', () => {
  test('a block of invocations whose bytes were altered is refused, and only that', async () => {
    const { store, url } = await freshStore();
    const [tenant, other] = [await newTenant(store), await newTenant(store)];
    const call = sampleInvocation({ tenant });
    await store.writeInvocations(packed([call]));
    await store.writeInvocations(packed([sampleInvocation({ tenant: other })]));
    await query(
      url,
      `update invocation_blocks set details = set_byte(details, 40, get_byte(details, 40) # 1) where tenant = '${tenant}'`,
    );
    const refused = { code: 'internal', message: 'A block of invocations has been altered' };
    await expect(store.invocations({ tenant })).rejects.toMatchObject(refused);
    await expect(store.findInvocation(tenant, call.id)).rejects.toMatchObject(refused);
    expect((await store.invocations({ tenant: other })).items).toHaveLength(1);
  });

  test('a statement that PostgreSQL refuses is internal, and says nothing of SQL', async () => {
    const { store, url } = await freshStore();
    await query(url, 'drop table secrets');
    const refused = store.secrets('default');
    await expect(refused).rejects.toMatchObject({ code: 'internal' });
    await expect(refused).rejects.not.toThrow(/secrets|relation|select/i);
  });

  test('a closed store is unavailable, and closing twice does no harm', async () => {
    const { store } = await freshStore();
    await Promise.all([store.close(), store.close()]);
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
