import fc from 'fast-check';
import { CALL_COMPONENTS } from '../../../core/cost/call-usage';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { CostSum } from '../../../core/cost/cost-sum';
import { costsOf } from '../../../core/cost/costs-of';
import { CostTally } from '../../../core/cost/cost-tally';
import { invocationCost } from '../../../core/cost/invocation-cost';
import { PriceBook } from '../../../core/cost/price-book';
import { priceTableId } from '../../../core/cost/price-table-id';
import { answerRegion, pricingFor, pricingText } from '../../../core/cost/pricing';
import type { InvocationRecord } from '../../../core/record/invocation-record';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';

const TABLE = priceTableOf(costSettingsSchema.parse({ preset: 'google-cloud-run' }));
const BOOK = new PriceBook([TABLE]);
const texts = [
  null,
  'nonsense',
  ...['eu', 'us', null].map((region) =>
    pricingText({ table: priceTableId(TABLE), tier: 'edge', region, slaMs: region === 'us' ? null : 1.5 }),
  ),
  ...['eu', 'us', null].map((caller) =>
    pricingFor(pricingText({ table: priceTableId(TABLE), tier: 'edge', region: 'eu', slaMs: null }), caller),
  ),
];

const call: fc.Arbitrary<InvocationRecord> = fc
  .record({
    pricing: fc.constantFrom(...texts),
    after: fc.nat({ max: 119_999 }),
    functionId: fc.constantFrom('a', 'b'),
    cpuMicros: fc.option(fc.oneof(fc.nat(), fc.integer({ min: 1e13, max: 1e15 }))),
    memoryByteMs: fc.oneof(fc.nat(), fc.maxSafeNat()),
    bytesOut: fc.nat(),
    userRegion: fc.constantFrom('eu', 'us', null),
    change: fc.constantFrom<Partial<InvocationRecord>>({}, { kind: null, node: null }, { status: 500 }),
  })
  .map(({ after, change, ...part }) =>
    sampleInvocation({ at: new Date(Date.UTC(2026, 2, 4) + after), function: part.functionId, ...part, ...change }),
  );

/** As the API shows the cost of a call. */
function shown(record: InvocationRecord): readonly number[] {
  const of = BOOK.of(record.pricing);
  if (!of) return CALL_COMPONENTS.map(() => 0);
  const { kind, cpuMicros, memoryByteMs, bytesOut, userRegion, totalMs } = record;
  const usage = { served: kind !== null, cpuMicros, memoryByteMs, bytesOut, totalMs };
  const place = { callerRegion: answerRegion(of, userRegion), nodeRegion: of.region, slaMs: of.slaMs };
  return invocationCost({ ...usage, ...place }, of.prices).parts.map(({ amount }) => amount);
}

const total = (amounts: readonly (readonly (bigint | number)[])[]): bigint[] =>
  CALL_COMPONENTS.map((_, part) => amounts.reduce((sum, each) => sum + BigInt(each[part] ?? 0), 0n));

test('blocks and rows carry what their calls cost as each is shown, to the last digit', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 50 }), (records) => {
      const { blocks, rows } = packed(records, BOOK);
      const carried = [...blocks.map(({ sums }) => sums.costs.cost), ...rows.map(({ costs }) => costs?.cost ?? [])];
      expect(total(carried)).toEqual(total(records.map(shown)));
      expect(total(records.map((record) => costsOf(record, BOOK)?.cost ?? []))).toEqual(total(records.map(shown)));
    }),
    { numRuns: 200 },
  );
});

test('what is summed stays exact beyond what a number holds', () => {
  const sum = new CostSum();
  const prices = BOOK.of(texts[2] ?? null);
  if (!prices) throw new Error('the table is in the book');
  const huge = { served: true, cpuMicros: 1e15, memoryByteMs: 1, bytesOut: 0, totalMs: 1, callerRegion: 'eu' };
  for (let time = 0; time < 100; time++) sum.add(prices, huge);
  const [, compute = 0n, memory] = sum.costs.cost;
  expect(compute).toBe(100n * BigInt(Math.floor(Number.MAX_SAFE_INTEGER / 5)));
  expect(memory).toBe(0n);
  expect(sum.costs.used[1]).toBe(1e17);
});

test('what got no instance pays no request, and is credited where that took too long', () => {
  const pricing = pricingText({ table: priceTableId(TABLE), tier: 'central', region: null, slaMs: 2 });
  const refused = { kind: null, node: null, memoryByteMs: 0, bytesOut: 0, cpuMicros: null, pricing } as const;
  expect(costsOf(sampleInvocation({ ...refused, totalMs: 2 }), BOOK)?.cost).toEqual([0n, 0n, 0n, 0n, 0n]);
  expect(costsOf(sampleInvocation({ ...refused, totalMs: 1_002 }), BOOK)?.cost).toEqual([
    0n,
    0n,
    0n,
    0n,
    10_000_000_000n,
  ]);
});

describe('a tally', () => {
  const charges = (records: readonly InvocationRecord[]) => {
    const sums = new Map<string, bigint>();
    for (const { functionId, at, ...rest } of records) {
      for (const [part, amount] of shown({ functionId, at, ...rest }).entries()) {
        const key = `${functionId} ${Math.floor(at.getTime() / 60_000)} ${part}`;
        if (amount > 0) sums.set(key, (sums.get(key) ?? 0n) + BigInt(amount));
      }
    }
    return [...sums].map(([key, amount]) => {
      const [functionId = '', minute, part] = key.split(' ');
      const component = CALL_COMPONENTS[Number(part)] ?? 'request';
      return { tenant: 'default', functionId, minute: new Date(Number(minute) * 60_000), component, amount };
    });
  };

  test('finds nothing where all is charged, and each picodollar that is not', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), fc.nat(), (records, lot) => {
        const charged = charges(records);
        const compare = (given: typeof charged) => {
          const tally = new CostTally(BOOK);
          for (const record of records) tally.add(record);
          return tally.compare(given);
        };
        expect(compare(charged)).toEqual({ sums: charged.length, differences: [] });
        const place = lot % Math.max(1, charged.length);
        const wrong = charged.map((each, index) => (index === place ? { ...each, amount: each.amount + 1n } : each));
        expect(compare(wrong).differences).toHaveLength(charged.length > 0 ? 1 : 0);
        expect(compare(charged.filter((_, index) => index !== place)).differences).toHaveLength(
          charged.length > 0 ? 1 : 0,
        );
        const strange = { tenant: 'x', functionId: 'z', minute: new Date(0), component: 'memory', amount: 5n } as const;
        expect(compare([...charged, strange]).differences).toEqual([
          { tenant: 'x', functionId: 'z', minute: new Date(0), component: 'memory', recorded: 0n, charged: 5n },
        ]);
      }),
    );
  });

  test('counts calls whose prices nobody knows', () => {
    const tally = new CostTally(BOOK);
    for (const pricing of texts) tally.add(sampleInvocation({ pricing }));
    expect([tally.calls, tally.unpriced]).toEqual([texts.length - 1, 1]);
  });
});
