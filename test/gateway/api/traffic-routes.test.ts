import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

test('shows who calls what from where, by name and for the own tenant only', async () => {
  const pay = await api.makeFunction('acme', 'pay');
  const cart = await api.makeFunction('acme', 'cart');
  const now = new Date();
  const call = (change: object) =>
    sampleInvocation({ tenant: 'acme', functionId: pay, at: now, firstByteMs: 8, bytesOut: 5, ...change });
  await api.store.writeInvocations(
    packed([
      call({ userRegion: 'eu' }),
      call({ callerId: cart, caller: 'cart', bytesIn: 3 }),
      call({ functionId: cart, userRegion: 'us' }),
      call({ userRegion: 'eu', at: new Date(now.getTime() - 30 * 3_600_000) }),
      // Deleted meanwhile.
      call({ functionId: 'gone', userRegion: 'eu' }),
    ]),
  );
  const one = { calls: 1, asyncCalls: 0, bytesIn: 0, bytesOut: 5, p50Ms: 8, p99Ms: 8 };
  const all = await api.call('GET', '/v1/traffic-map');
  expect(all.status).toBe(200);
  expect(all.body['users']).toEqual(
    expect.arrayContaining([
      { function: 'pay', region: 'eu', ...one },
      { function: 'cart', region: 'us', ...one },
    ]),
  );
  expect(all.body['calls']).toEqual([{ caller: 'cart', function: 'pay', ...one, bytesIn: 3 }]);
  const ofPay = await api.call('GET', '/v1/traffic-map', { query: { function: 'pay', hours: '48' } });
  expect(ofPay.body['users']).toMatchObject([{ function: 'pay', calls: 2 }]);
  expect(ofPay.body['calls']).toHaveLength(1);
  const operators = await api.call('GET', '/v1/traffic-map', { key: api.operatorKey });
  expect(operators.body).toMatchObject({ users: [], calls: [] });
});

test('says what is wrong with a question', async () => {
  const absent = await api.call('GET', '/v1/traffic-map', { query: { function: 'absent' } });
  expect([absent.status, absent.body['code']]).toEqual([404, 'function_not_found']);
  expect((await api.call('GET', '/v1/traffic-map', { query: { hours: '0' } })).status).toBe(400);
});
