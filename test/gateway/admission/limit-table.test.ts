import type { LimitRecord } from '../../../drivers/store/limit-store';
import { LimitTable } from '../../../gateway/admission/limit-table';
import { silent, until } from '../gateway-harness';

const tables: LimitTable[] = [];
afterEach(() => Promise.all(tables.splice(0).map((table) => table.close())));

function setUp(first: readonly LimitRecord[]) {
  const state = { records: first, away: false, reads: 0, changes: 0, notify: (): void => undefined };
  const table = new LimitTable({
    store: {
      limits: () => {
        state.reads++;
        return state.away ? Promise.reject(new Error('connection refused')) : Promise.resolve(state.records);
      },
      subscribe: (_, listener) => {
        state.notify = () => listener('');
        return Promise.resolve(() => Promise.resolve());
      },
    },
    log: silent,
    defaults: { keyRate: { requests: 7, window: '1s' } },
    defaultMaxInFlight: 80,
    changed: () => state.changes++,
  });
  tables.push(table);
  return { state, table };
}

const row = (tenant: string, keyId: string | null, limits: LimitRecord['limits']): LimitRecord => ({
  tenant,
  keyId,
  limits,
  updatedAt: new Date(0),
});

test('what a tenant does not name is as configured, and follows the store', async () => {
  const { state, table } = setUp([row('acme', null, { rate: { requests: 10, window: '1m' }, reserved: 3, weight: 4 })]);
  expect(table.tenantRate('acme')).toBeNull();
  await table.open();
  expect(table.tenantRate('acme')).toEqual({ requests: 10, windowSeconds: 60 });
  expect(table.keyRate('acme', 'k1')).toEqual({ requests: 7, windowSeconds: 1 });
  expect(table.shareOf('acme')).toEqual({ weight: 4, max: 80, reserved: 3 });
  expect(table.shareOf('other')).toEqual({ weight: 1, max: 80, reserved: 0 });
  expect(table.withReservations).toEqual(['acme']);
  state.records = [
    row('acme', null, { keyRate: { requests: 2, window: '1s' }, maxInFlight: 9 }),
    row('acme', 'k1', { rate: { requests: 1, window: '1h' } }),
    row('acme', 'k2', {}),
  ];
  state.notify();
  await until(() => state.changes === 2, 'the change');
  expect(table.tenantRate('acme')).toBeNull();
  expect(table.keyRate('acme', 'k1')).toEqual({ requests: 1, windowSeconds: 3_600 });
  expect(table.keyRate('acme', 'k2')).toEqual({ requests: 2, windowSeconds: 1 });
  expect(table.shareOf('acme')).toEqual({ weight: 1, max: 9, reserved: 0, shared: true });
  expect(table.withReservations).toEqual([]);
});

test('a reservation above the usual maximum raises it', async () => {
  const { table } = setUp([row('acme', null, { reserved: 100 })]);
  await table.open();
  expect(table.shareOf('acme')).toMatchObject({ max: 100, reserved: 100 });
});

test('the last limits hold while the store is away, and the next come by themselves', async () => {
  const { state, table } = setUp([row('acme', null, { maxInFlight: 5 })]);
  await table.open();
  state.away = true;
  state.notify();
  await until(() => state.reads >= 3, 'tries');
  expect(table.shareOf('acme').max).toBe(5);
  state.records = [row('acme', null, { maxInFlight: 6 })];
  state.away = false;
  await until(() => table.shareOf('acme').max === 6, 'the change');
});
