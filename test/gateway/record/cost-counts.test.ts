import { Registry } from 'prom-client';
import { CostCounts } from '../../../gateway/record/cost-counts';
import { BOOK, PRICED } from '../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';

const counted = async (counts: CostCounts): Promise<string> => {
  const registry = new Registry();
  counts.register(registry);
  return registry.metrics();
};

test('counts what calls have cost, in blocks and in rows', async () => {
  const counts = new CostCounts();
  const call = (change: object) => sampleInvocation({ tenant: 'acme', pricing: PRICED, ...change });
  counts.add(packed([call({}), call({ kind: 'cold', cause: 'first' }), call({ pricing: null })], BOOK));
  counts.add(packed([call({})], BOOK));
  // 0.4 micro-dollars each.
  expect(await counted(counts)).toMatch(/presage_cost_dollars_total\{tenant="acme",component="request"\} 0\.0000012\n/);
});

test('many tenants are counted together', async () => {
  const counts = new CostCounts();
  const calls = Array.from({ length: 203 }, (_, index) =>
    sampleInvocation({ tenant: `t${index}`, functionId: `f${index}`, pricing: PRICED }),
  );
  counts.add(packed(calls, BOOK));
  counts.add(packed(calls.slice(0, 1), BOOK));
  const text = await counted(counts);
  expect(text.match(/component="request"/g)).toHaveLength(201);
  expect(text).toMatch(/tenant="other",component="request"\} 0\.0000012\n/);
  expect(text).toMatch(/tenant="t0",component="request"\} 8e-7\n/);
});
