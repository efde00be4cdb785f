import fc from 'fast-check';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { invocationCost, type InvocationUsage } from '../../../core/cost/invocation-cost';

const prices = priceTableOf(costSettingsSchema.parse({})).tiers.central;
const usage: InvocationUsage = {
  served: true,
  cpuMicros: 3_000,
  memoryByteMs: 128e6 * 5,
  bytesOut: 2_000_000,
  callerRegion: 'north',
  nodeRegion: 'north',
  totalMs: 130,
  slaMs: null,
};
const amounts = (change: Partial<InvocationUsage>, table = prices): Record<string, number> =>
  Object.fromEntries(
    invocationCost({ ...usage, ...change }, table).parts.map(({ component, amount }) => [component, amount]),
  );

test('counts request, memory, network and lateness, each at its price', () => {
  // 0.2 µ$ a request; 128 MB for 5 ms at 16.6667 µ$ a GB·s; what stays in its region is free.
  expect(amounts({})).toEqual({ request: 200_000, compute: 0, memory: 10_667, network: 0, impact: 0 });
  expect(amounts({ callerRegion: 'south' })['network']).toBe(40_000_000);
  expect(amounts({ callerRegion: null })['network']).toBe(180_000_000);
  // 30 ms over, at a cent a second.
  expect(amounts({ slaMs: 100 })['impact']).toBe(300_000_000);
  expect(amounts({ slaMs: 130 })['impact']).toBe(0);
});

test('CPU that was not measured costs nothing by itself', () => {
  const cloudRun = priceTableOf(costSettingsSchema.parse({ preset: 'google-cloud-run' })).tiers.edge;
  expect(amounts({}, cloudRun)['compute']).toBe(72_000);
  expect(amounts({ cpuMicros: null }, cloudRun)['compute']).toBe(0);
});

test('the parts sum to the total exactly, and more use never costs less', () => {
  const quantity = fc.double({ min: 0, max: 1e12, noNaN: true });
  const used = fc.record({
    served: fc.boolean(),
    cpuMicros: fc.option(quantity),
    memoryByteMs: fc.double({ min: 0, max: 1e16, noNaN: true }),
    bytesOut: quantity,
    callerRegion: fc.constantFrom('north', 'south', null),
    nodeRegion: fc.constantFrom('north', 'south', null),
    totalMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    slaMs: fc.option(fc.double({ min: 1, max: 1e6, noNaN: true })),
  });
  fc.assert(
    fc.property(used, fc.double({ min: 1, max: 2, noNaN: true }), (each, factor) => {
      const cost = invocationCost(each, prices);
      expect(cost.parts.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(BigInt(cost.total));
      const more = invocationCost({ ...each, memoryByteMs: each.memoryByteMs * factor }, prices);
      expect(more.total).toBeGreaterThanOrEqual(cost.total);
    }),
  );
});

test.each([{ memoryByteMs: -1 }, { memoryByteMs: Number.NaN }])('what is no quantity costs nothing: %p', (change) => {
  expect(amounts(change)['memory']).toBe(0);
});

test('no part is worth more than can be counted, whatever a function claims', () => {
  expect(amounts({ bytesOut: 1e300, callerRegion: null })['network']).toBe(Math.floor(Number.MAX_SAFE_INTEGER / 5));
});

test('what got no instance pays no request', () => {
  expect(amounts({ served: false })['request']).toBe(0);
});
