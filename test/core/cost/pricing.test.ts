import fc from 'fast-check';
import { costsOf } from '../../../core/cost/costs-of';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { PriceBook } from '../../../core/cost/price-book';
import { priceTableId } from '../../../core/cost/price-table-id';
import { answerRegion, parsePricing, pricingFor, pricingText, type Pricing } from '../../../core/cost/pricing';

const table = (settings: object) => priceTableOf(costSettingsSchema.parse(settings));
const lambda = table({});

test('a pricing comes back from its text', () => {
  const any: fc.Arbitrary<Pricing> = fc.record({
    table: fc.stringMatching(/^[0-9a-f]{12}$/),
    tier: fc.constantFrom('edge' as const, 'regional' as const, 'central' as const),
    region: fc.option(fc.string({ minLength: 1 })),
    slaMs: fc.option(fc.double({ min: 0, noNaN: true, minExcluded: true, noDefaultInfinity: true })),
    callerRegion: fc.option(fc.option(fc.string({ minLength: 1 })), { nil: undefined }),
  });
  fc.assert(fc.property(any, (pricing) => expect(parsePricing(pricingText(pricing))).toEqual(pricing)));
});

test.each(['', 'nonsense', '0123456789ab middle - eu', '0123456789 edge - eu', '0123456789ab edge x eu'])(
  '%p is no pricing',
  (text) => {
    expect(parsePricing(text)).toBeNull();
  },
);

test('the id of a table is that of its prices: any change gives another', () => {
  expect(priceTableId(lambda)).toMatch(/^[0-9a-f]{12}$/);
  expect(priceTableId(table({}))).toBe(priceTableId(lambda));
  const { edge, regional, central } = lambda.tiers;
  expect(priceTableId({ ...lambda, tiers: { central, regional, edge } })).toBe(priceTableId(lambda));
  for (const settings of [
    { preset: 'own-machine' },
    { prices: { request: 0.3 } },
    { tiers: { edge: { request: 0.3 } } },
  ]) {
    expect(priceTableId(table(settings))).not.toBe(priceTableId(lambda));
  }
});

test('a book knows the prices of its tables, by tier', () => {
  const book = new PriceBook([lambda, table({ tiers: { edge: { request: 7 } } })]);
  const of = (id: string) => book.of(pricingText({ table: id, tier: 'edge', region: 'eu', slaMs: 30 }));
  expect(of(priceTableId(lambda))).toMatchObject({ region: 'eu', slaMs: 30, prices: { request: 0.2 } });
  expect(of(priceTableId(table({ tiers: { edge: { request: 7 } } })))).toMatchObject({ prices: { request: 7 } });
  expect([of('0123456789ab'), book.of(null), book.of('x')]).toEqual([null, null, null]);
});

test('texts of before say nothing of callers: users made those calls', () => {
  expect(parsePricing('0123456789ab edge 30 eu')).toEqual({
    table: '0123456789ab',
    tier: 'edge',
    region: 'eu',
    slaMs: 30,
  });
  expect(parsePricing('0123456789ab edge 30<%E0%A4%A eu')).toMatchObject({ callerRegion: '%E0%A4%A' });
});

test('an answer to a function stays inside: it costs what the way between their regions costs, and nothing where nobody gets it', () => {
  const book = new PriceBook([lambda]);
  const text = pricingText({ table: priceTableId(lambda), tier: 'edge', region: 'eu', slaMs: null });
  const network = (pricing: string, userRegion: string | null): bigint | undefined => {
    const call = { kind: 'hot' as const, cpuMicros: 0, memoryByteMs: 0, bytesOut: 1_000_000, totalMs: 1 };
    return costsOf({ ...call, pricing, userRegion }, book)?.cost[3];
  };
  // A megabyte to the internet, to another region, within the region.
  expect(network(text, null)).toBe(90_000_000n);
  expect([network(text, 'us'), network(text, 'eu')]).toEqual([20_000_000n, 0n]);
  expect(network(pricingFor(text, 'us'), null)).toBe(20_000_000n);
  expect(network(pricingFor(text, 'eu'), null)).toBe(0n);
  expect(network(pricingFor(text, null), null)).toBe(0n);
  expect(pricingFor('nonsense', 'eu')).toBe('nonsense');
  expect(answerRegion({ region: null, callerRegion: null }, 'us')).toBeNull();
});
