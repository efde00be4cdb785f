import * as fc from 'fast-check';
import { limitFor, rightSizeMemory } from '../../../../core/cost/advice/right-size-memory';
import { rightSizeCpu } from '../../../../core/cost/advice/right-size-cpu';
import { facts, MIB, observed } from './observed';

describe('memory', () => {
  it('asks for a little more than was ever used, and prices what that saves as the ledger does', () => {
    const [advice, ...others] = rightSizeMemory.advise(facts([observed()]));
    expect(others).toEqual([]);
    expect(advice).toMatchObject({
      strategy: 'right-size-memory',
      title: 'acme/pay is given 256 MiB and never used more than 70: 80 MiB are enough',
      confidence: 'high',
      change: { kind: 'spec', revision: 3, set: { memory: '80Mi' } },
    });
    const cut = 1 - 80 / 256;
    const gbSeconds = ((256 * MIB) / 1e9) * 1_000;
    // Thirty days; micro-dollars.
    const expected = 30 * cut * ((gbSeconds + 10) * 16.6667 + 20_000 * 4.1667);
    expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(expected, 2);
  });

  it('says nothing of functions that nobody has looked at for long, or that need what they have', () => {
    const memory = { samples: 5_000, p99Bytes: 60 * MIB, peakBytes: 70 * MIB, hours: 24 };
    expect(rightSizeMemory.advise(facts([observed({ memory: null })]))).toEqual([]);
    expect(rightSizeMemory.advise(facts([observed({ memory: { ...memory, samples: 50 } })]))).toEqual([]);
    expect(rightSizeMemory.advise(facts([observed({ memory: { ...memory, peakBytes: 210 * MIB } })]))).toEqual([]);
    const fewer = rightSizeMemory.advise(facts([observed({ memory: { ...memory, samples: 500 } })]));
    expect(fewer).toMatchObject([{ confidence: 'medium' }]);
  });

  it('never gives less than was used, in whole steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (peak, share) => {
        const limit = limitFor({ peakBytes: peak, p99Bytes: peak * share });
        expect(limit).toBeGreaterThan(peak);
        expect(limit).toBeGreaterThanOrEqual(64 * MIB);
        expect(limit % (16 * MIB)).toBe(0);
      }),
    );
  });
});

describe('CPU', () => {
  it('gives more to calls that are held up by their limit', () => {
    const bound = observed({ cpuMicros: 0.95 * 0.5 * 1e9 });
    expect(rightSizeCpu.advise(facts([bound]))).toMatchObject([
      { change: { set: { cpu: '1000m' } }, confidence: 'low', evidence: expect.arrayContaining([]) as unknown[] },
    ]);
    const [advice] = rightSizeCpu.advise(facts([bound]));
    const busy = ((256 * MIB) / 1e9) * 1_000;
    expect(Number(advice?.monthlySaving) / 1e6).toBeCloseTo(30 * 0.95 * 0.5 * busy * 16.6667, 2);
  });

  it('leaves alone who waits for others, has a core, or is not measured', () => {
    for (const change of [
      {},
      { cpuMillis: 1_000, cpuMicros: 1e9 },
      { cpuMicros: null },
      { calls: 10, cpuMicros: 0.5e9 },
      // As long as the call: where the runtime does not measure it, its time of execution counts.
      { cpuMicros: 1e9 },
    ]) {
      expect(rightSizeCpu.advise(facts([observed(change)]))).toEqual([]);
    }
  });
});
