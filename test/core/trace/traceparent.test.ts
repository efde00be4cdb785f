import fc from 'fast-check';
import { formatTraceparent, keptByRatio, parseTraceparent } from '../../../core/trace/traceparent';

const digits = (count: number) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: count, maxLength: count })
    .filter((id) => !/^0+$/.test(id));

test('what is written is read', () => {
  fc.assert(
    fc.property(fc.record({ traceId: digits(32), spanId: digits(16), sampled: fc.boolean() }), (span) => {
      expect(parseTraceparent(formatTraceparent(span))).toEqual(span);
    }),
  );
});

test.each(['', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`])(
  '%s is none',
  (text) => expect(parseTraceparent(text)).toBeNull(),
);

test('all are kept with 1, none with 0, and about so many between', () => {
  const ids = fc.sample(digits(32), { numRuns: 4_000, seed: 1 });
  const kept = (ratio: number): number => ids.filter((id) => keptByRatio(id, ratio)).length;
  expect([kept(1), kept(0)]).toEqual([4_000, 0]);
});

test('the random digits of the trace id decide, alike everywhere, and who is kept by less is kept by more', () => {
  fc.assert(
    fc.property(
      digits(32),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (id, a, b) => {
        if (keptByRatio(id, Math.min(a, b))) expect(keptByRatio(id, Math.max(a, b))).toBe(true);
      },
    ),
  );
  expect(keptByRatio(`${'f'.repeat(18)}${'7fffffffffffff'}`, 0.5)).toBe(true);
  expect(keptByRatio(`${'0'.repeat(18)}${'80000000000000'}`, 0.5)).toBe(false);
});
