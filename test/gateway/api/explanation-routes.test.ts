import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';

const NOON = Date.parse('2026-03-04T12:00:00.000Z');
let api: Harness;
let functionId: string;
beforeEach(async () => {
  api = await makeHarness();
  functionId = await api.makeFunction('acme', 'hello');
});
afterEach(() => api.close());

const invoked = (id: string, second: number, change: object = {}) =>
  sampleInvocation({
    ...{ id, tenant: 'acme', functionId, function: 'hello', revision: 1, kind: 'hot', cause: null },
    ...{ at: new Date(NOON + second * 1000), queueMs: 0, startMs: 0, executeMs: 1000, totalMs: 1000 },
    ...change,
  });
const explained = (id: string) => api.call('GET', `/v1/invocations/${id}/explanation`);

test('why a call was not hot, what that cost, and what would have kept an instance for how much', async () => {
  await api.store.writeInvocations(
    packed([
      invoked('a', 0),
      invoked('b', 0, { executeMs: 60_000, totalMs: 60_000 }),
      invoked('c', 31, { kind: 'restore', cause: 'expired', queueMs: 5, startMs: 20 }),
    ]),
  );
  const { status, body } = await explained('c');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ id: 'c', kind: 'restore', cause: 'expired', waitedMs: 25, busy: 1, restedSeconds: 30 },
    // A cent for each second of waiting.
    price: 250,
  });
  const rungs = body['rungs'] as unknown as { rung: string; price: number; delayMs: number }[];
  expect(rungs.map(({ rung }) => rung)).toEqual(['running', 'frozen']);
  // 256 MiB for 30 s at 16.67 micro-dollars a GB·s.
  expect(rungs[1]?.price).toBeCloseTo(0.268435456 * 30 * 16.67, 3);
  expect(body['policies']).toMatchObject([
    { policy: 'presage' },
    { policy: 'hybrid-histogram:4h', rung: 'frozen' },
    { policy: 'fixed:10m', rung: 'frozen', price: expect.closeTo(0.268435456 * 30 * 16.67, 3) },
  ]);
});

test('a call that came while all were in use would have needed one more', async () => {
  await api.store.writeInvocations(
    packed([invoked('a', 0, { totalMs: 5_000 }), invoked('b', 1, { kind: 'cold', cause: 'burst', startMs: 80 })]),
  );
  expect((await explained('b')).body).toMatchObject({ busy: 1, restedSeconds: null, waitedMs: 80 });
});

test('a hot one cost nothing; one that is not there, or another tenant’s, is not found', async () => {
  await api.store.writeInvocations(packed([invoked('a', 0, { queueMs: 3 })]));
  expect((await explained('a')).body).toMatchObject({ kind: 'hot', cause: null, waitedMs: 0, price: 0 });
  expect((await explained('zz')).status).toBe(404);
  expect((await api.call('GET', '/v1/invocations/a/explanation', { key: api.operatorKey })).status).toBe(404);
});
