import fc from 'fast-check';
import { decodeHistories, encodeHistories, type NamedHistory } from '../../../core/forecast/history-codec';

const counts = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(500), fc.maxSafeNat()), { maxLength: 200 })
  .map((values) => Float64Array.from(values));
const history: fc.Arbitrary<NamedHistory> = fc.record({
  functionId: fc.string(),
  tenant: fc.string(),
  function: fc.string({ unit: 'grapheme' }),
  firstMinute: fc.nat(40_000_000),
  counts,
});

test('histories come back as they were', () => {
  fc.assert(
    fc.property(fc.array(history, { maxLength: 5 }), (histories) => {
      expect(decodeHistories(encodeHistories(histories))).toEqual(histories);
    }),
  );
});

test('bytes that were cut off or changed are refused or give histories, and nothing else is thrown', () => {
  const bytes = encodeHistories([
    { functionId: 'f', tenant: 't', function: 'n', firstMinute: 5, counts: Float64Array.of(0, 0, 7, 0, 1) },
  ]);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeHistories(bytes.slice(0, length))).toThrow(/no histories/);
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const changed = bytes.slice();
      changed[at] = value;
      try {
        decodeHistories(changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_argument' });
      }
    }),
  );
});

test('empty minutes cost nearly nothing, and what is no count is refused', () => {
  const empty = { functionId: 'f', tenant: 't', function: 'n', firstMinute: 0, counts: new Float64Array(20_160) };
  expect(encodeHistories([empty]).length).toBeLessThan(60);
  for (const wrong of [-1, 0.5, Number.NaN, Infinity]) {
    expect(() => encodeHistories([{ ...empty, counts: Float64Array.of(wrong) }])).toThrow(/no number of requests/);
  }
});
