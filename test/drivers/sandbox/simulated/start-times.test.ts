import fc from 'fast-check';
import { measuredStartTimes } from '../../../../drivers/sandbox/simulated/start-times';

describe('measuredStartTimes', () => {
  const steps = fc.constantFrom('cold' as const, 'restore' as const, 'thaw' as const);
  const runtimes = fc.constantFrom('nodejs' as const, 'python' as const, 'http' as const);
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('rises with the share, within what was measured', () => {
    fc.assert(
      fc.property(steps, runtimes, share, share, (step, runtime, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((at) => measuredStartTimes(step, runtime, () => at));
        expect(low).toBeLessThanOrEqual(high ?? 0);
        expect(low).toBeGreaterThan(0);
        expect(high).toBeLessThanOrEqual(35290);
      }),
    );
  });

  test('a restore is faster than a cold start, a thaw faster than both', () => {
    const at = () => 0.5;
    expect(measuredStartTimes('restore', 'nodejs', at)).toBe(10.7);
    expect(measuredStartTimes('thaw', 'nodejs', at)).toBe(0.44);
    expect(measuredStartTimes('cold', 'nodejs', at)).toBe(174);
  });
});
