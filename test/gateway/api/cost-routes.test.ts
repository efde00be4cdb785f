import { pricingFor } from '../../../core/cost/pricing';
import { BOOK, CLOUD, PRICED } from '../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
  const functionId = await api.makeFunction('acme', 'hello');
  await api.store.writeInvocations(
    packed([
      sampleInvocation({
        ...{ id: 'a', tenant: 'acme', functionId, function: 'hello', revision: 1, node: 'gone' },
        ...{ cpuMicros: 2_000, memoryByteMs: 256e6 * 10, bytesOut: 1_000, userRegion: null, totalMs: 12 },
      }),
    ]),
  );
});
afterEach(() => api.close());

test('a call from before it carried its prices is shown at those of now, and was not charged', async () => {
  const { status, body } = await api.call('GET', '/v1/invocations/a/cost');
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: 'a', table: 'aws-lambda', tier: 'central', charged: false });
  const parts = body['parts'] as unknown as { component: string; picoDollars: number }[];
  expect(parts).toMatchObject([
    { component: 'request', amount: 0.2, picoDollars: 200_000 },
    { component: 'compute', picoDollars: 0 },
    { component: 'memory', quantity: 0.00256, unit: 'GB-second', picoDollars: 42_667 },
    { component: 'network', picoDollars: 90_000 },
    { component: 'impact', picoDollars: 0 },
  ]);
  expect(body['picoDollars']).toBe(parts.reduce((sum, { picoDollars }) => sum + picoDollars, 0));
});

test('is priced by what was in force when it was made, whatever the prices are now', async () => {
  const functionId = await api.makeFunction('acme', 'pay');
  const call = sampleInvocation({
    id: 'b',
    tenant: 'acme',
    functionId,
    function: 'pay',
    node: 'gone',
    pricing: PRICED,
  });
  const { rows, blocks } = packed([call], BOOK);
  await api.store.writeInvocations({ rows, blocks });
  expect((await api.call('GET', '/v1/invocations/b/cost')).status).toBe(500);
  await api.store.putPriceTable(CLOUD);
  const { body } = await api.call('GET', '/v1/invocations/b/cost');
  expect(body).toMatchObject({ table: 'google-cloud-run', tier: 'edge', charged: true });
  const parts = body['parts'] as unknown as { picoDollars: number }[];
  expect(parts.map(({ picoDollars }) => BigInt(picoDollars))).toEqual(rows[0]?.costs?.cost);
});

test('a call of a function is shown at the price that it was charged', async () => {
  const functionId = await api.makeFunction('acme', 'cart');
  const pricing = pricingFor(PRICED, 'us');
  const call = sampleInvocation({ id: 'c', tenant: 'acme', functionId, function: 'cart', userRegion: null, pricing });
  const { rows, blocks } = packed([call], BOOK);
  await api.store.writeInvocations({ rows, blocks });
  await api.store.putPriceTable(CLOUD);
  const { body } = await api.call('GET', '/v1/invocations/c/cost');
  const parts = body['parts'] as unknown as { component: string; price: number; picoDollars: number }[];
  expect(parts[3]).toMatchObject({ component: 'network', price: CLOUD.tiers.edge.otherRegionGb });
  expect(parts.map(({ picoDollars }) => BigInt(picoDollars))).toEqual(
    blocks[0]?.sums.costs.cost ?? rows[0]?.costs?.cost,
  );
});

test('another tenant does not see it', async () => {
  expect((await api.call('GET', '/v1/invocations/a/cost', { key: api.operatorKey })).status).toBe(404);
  expect((await api.call('GET', '/v1/invocations/zz/cost')).status).toBe(404);
});

test('tells its prices by tier, and from when they are', async () => {
  const { body } = await api.call('GET', '/v1/cost/prices');
  expect(body).toMatchObject({
    table: 'aws-lambda',
    asOf: '2025-11-01',
    tiers: { edge: { gbSecondRunning: 16.6667 } },
  });
});
