import fc from 'fast-check';
import type { RouteSnapshot } from '../../../drivers/store/store';
import { RouteTable } from '../../../gateway/invocation/route-table';
import { revisionRecord, silent, snapshotOf, until } from '../gateway-harness';

const live = { tenant: 'acme', function: 'f', alias: 'live' };
const tables: RouteTable[] = [];
afterEach(() => Promise.all(tables.splice(0).map((table) => table.close())));

async function setUp(first: RouteSnapshot) {
  const state = { snapshot: first, away: false, reads: 0, notify: () => undefined as void };
  const table = new RouteTable(
    {
      routes: () => {
        state.reads++;
        return state.away ? Promise.reject(new Error('connection refused')) : Promise.resolve(state.snapshot);
      },
      subscribe: (_, listener) => {
        state.notify = () => listener('');
        return Promise.resolve(() => Promise.resolve());
      },
    },
    silent,
  );
  tables.push(table);
  await table.open();
  return { state, table };
}

/** An alias over two revisions. */
function split(weight: number): RouteSnapshot {
  const [one, two] = [revisionRecord('f', {}, 1), revisionRecord('f', {}, 2)];
  const [fn] = snapshotOf(one).functions;
  const weights = [
    { revision: 1, weight: 100 - weight },
    { revision: 2, weight },
  ];
  if (!fn) throw new Error('no function');
  return { functions: [{ ...fn, revisions: [one, two], aliases: fn.aliases.map((alias) => ({ ...alias, weights })) }] };
}

test('follows the store', async () => {
  const { state, table } = await setUp(snapshotOf(revisionRecord('f')));
  await until(() => table.ready, 'the first snapshot');
  expect(table.resolve(live, 0)?.revision.id).toBe('f-r1');
  expect(table.resolve({ ...live, function: 'g' }, 0)).toBeUndefined();
  expect(table.resolve({ ...live, tenant: 'other' }, 0)).toBeUndefined();
  state.snapshot = snapshotOf(revisionRecord('f', {}, 2), revisionRecord('g'));
  state.notify();
  await until(() => table.resolve(live, 0)?.revision.number === 2, 'the change');
  expect(table.resolve({ ...live, function: 'g' }, 0)?.revision.id).toBe('g-r1');
});

test('many notices make few reads', async () => {
  const { state, table } = await setUp(snapshotOf(revisionRecord('f')));
  for (let i = 0; i < 50; i++) state.notify();
  await until(() => table.ready, 'the first snapshot');
  expect(state.reads).toBeLessThanOrEqual(3);
});

test('the last snapshot serves on while the store is away, and the next comes by itself', async () => {
  const { state, table } = await setUp(snapshotOf(revisionRecord('f')));
  await until(() => table.ready, 'the first snapshot');
  state.away = true;
  state.notify();
  await until(() => state.reads >= 3, 'tries');
  expect(table.resolve(live, 0)?.revision.number).toBe(1);
  state.snapshot = snapshotOf(revisionRecord('f', {}, 2));
  state.away = false;
  await until(() => table.resolve(live, 0)?.revision.number === 2, 'the change');
});

test('before the first snapshot every function is unavailable, not missing', async () => {
  const { state, table } = await setUp(snapshotOf());
  state.away = true;
  const fresh = new RouteTable(
    { routes: () => new Promise(() => undefined), subscribe: () => Promise.resolve(() => Promise.resolve()) },
    silent,
  );
  tables.push(fresh);
  void fresh.open();
  expect(() => fresh.resolve(live, 0)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  await until(() => table.ready, 'the first snapshot');
  expect(table.resolve(live, 0)).toBeUndefined();
});

test('an alias that is not there is named', async () => {
  const { table } = await setUp(snapshotOf(revisionRecord('f')));
  await until(() => table.ready, 'the first snapshot');
  expect(() => table.resolve({ ...live, alias: 'canary' }, 0)).toThrow(
    expect.objectContaining({ code: 'function_not_found', message: expect.stringContaining('canary') as string }),
  );
});

test('weights decide the share of each revision', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 100 }), async (weight) => {
      const { table } = await setUp(split(weight));
      await until(() => table.ready, 'the first snapshot');
      const chosen = Array.from({ length: 1_000 }, (_, i) => table.resolve(live, (i + 0.5) / 1_000)?.revision.number);
      expect(chosen.filter((number) => number === 2)).toHaveLength(weight * 10);
    }),
    { numRuns: 20 },
  );
});
