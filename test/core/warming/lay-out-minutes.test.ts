import fc from 'fast-check';
import { layOutMinutes } from '../../../core/warming/lay-out-minutes';

test('one call comes at the same second, several are evenly spread', () => {
  expect(layOutMinutes({ counts: [1, 0, 3, 1], firstMinute: 10 }, 7, 100)).toEqual([607, 730, 750, 770, 787]);
});

test('of a busy past only the last minutes', () => {
  expect(layOutMinutes({ counts: [1, 2, 2, 1], firstMinute: 0 }, 7, 4)).toEqual([135, 165, 187]);
  expect(layOutMinutes({ counts: [9], firstMinute: 0 }, 7, 4)).toEqual([]);
});

test('rising, bounded, and not troubled by what is no count', () => {
  const count = fc.oneof(fc.nat(20), fc.constantFrom(Number.NaN, -3, Infinity, 0.2));
  fc.assert(
    fc.property(fc.array(count), fc.nat(59), fc.integer({ min: 1, max: 50 }), (counts, second, most) => {
      const times = layOutMinutes({ counts, firstMinute: 5 }, second, most);
      expect(times.length).toBeLessThanOrEqual(most);
      times.forEach((time, index) => expect(time).toBeGreaterThan(times[index - 1] ?? 299));
    }),
  );
});
