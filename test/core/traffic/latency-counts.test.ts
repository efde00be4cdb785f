import fc from 'fast-check';
import {
  addLatencies,
  latencyKey,
  latencyQuantile,
  LEAST_LATENCY_MS,
  type LatencyCounts,
} from '../../../core/traffic/latency-counts';

const countsOf = (latencies: readonly number[]): LatencyCounts =>
  latencies.map((ms) => ({ [latencyKey(ms)]: 1 })).reduce<LatencyCounts>(addLatencies, {});

test('a quantile is right within 9 %', () => {
  const latency = fc.double({ min: LEAST_LATENCY_MS, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1 }), fc.constantFrom(0.5, 0.9, 0.99, 1), (latencies, share) => {
      const sorted = [...latencies].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(share * sorted.length - 1e-9) - 1] as number;
      const read = latencyQuantile(countsOf(latencies), share) as number;
      expect(Math.abs(Math.log2(read / exact))).toBeLessThanOrEqual(1 / 8 + 1e-9);
    }),
  );
});

test('of nothing there is none, and 0 ms counts as the least', () => {
  expect(latencyQuantile({}, 0.99)).toBeNull();
  expect(latencyQuantile(countsOf([0]), 0.5)).toBeCloseTo(LEAST_LATENCY_MS, 1);
});
