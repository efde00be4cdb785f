import fc from 'fast-check';
import { chooseEvictions } from '../../../core/checkpoint/eviction';

const image = fc.record({
  bytes: fc.integer({ min: 1, max: 1000 }),
  lastUsedAt: fc.integer({ min: 0, max: 10_000 }),
});
const images = fc
  .array(image, { maxLength: 12 })
  .map((list) => list.map((entry, index) => ({ ...entry, checkpointId: `c${index}` })));

describe('chooseEvictions', () => {
  it('frees enough with no image too many, or says that all are not enough', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: -5, max: 8000 }), (candidates, need) => {
        const chosen = chooseEvictions(candidates, need, 10_000);
        const total = candidates.reduce((sum, entry) => sum + entry.bytes, 0);
        if (chosen === null) return expect(total).toBeLessThan(need);
        const sizes = candidates.filter((entry) => chosen.includes(entry.checkpointId)).map((entry) => entry.bytes);
        const freed = sizes.reduce((sum, bytes) => sum + bytes, 0);
        expect(sizes).toHaveLength(chosen.length);
        expect(freed).toBeGreaterThanOrEqual(Math.max(0, need));
        for (const bytes of sizes) expect(freed - bytes).toBeLessThan(need);
      }),
    );
  });

  it('evicts what is long unused before what was used just now', () => {
    const old = { checkpointId: 'old', bytes: 100, lastUsedAt: 0 };
    const fresh = { checkpointId: 'fresh', bytes: 100, lastUsedAt: 9000 };
    expect(chooseEvictions([fresh, old], 50, 10_000)).toEqual(['old']);
  });

  it('evicts a large image before an equally old small one', () => {
    const large = { checkpointId: 'large', bytes: 900, lastUsedAt: 5000 };
    const small = { checkpointId: 'small', bytes: 100, lastUsedAt: 5000 };
    expect(chooseEvictions([small, large], 50, 10_000)).toEqual(['large']);
  });
});
