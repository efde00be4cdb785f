import fc from 'fast-check';
import { signed, unsigned } from '../../../core/wasm/module-bytes';

/** The number that a LEB128 code stands for. */
function decoded(bytes: readonly number[], extend: boolean): number {
  let value = 0n;
  bytes.forEach((byte, i) => (value |= BigInt(byte & 0x7f) << BigInt(7 * i)));
  const bits = BigInt(7 * bytes.length);
  return Number(extend ? BigInt.asIntN(Number(bits), value) : value);
}

test('whole numbers come back from their code', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.integer(), (large, any) => {
      expect(decoded(unsigned(large), false)).toBe(large);
      expect(decoded(signed(any), true)).toBe(any);
    }),
  );
});

test('only the last byte of a code is below 128', () => {
  for (const bytes of [unsigned(0), unsigned(127), unsigned(128), unsigned(2 ** 32 - 1), signed(-64), signed(-65)]) {
    expect(bytes.map((byte) => byte < 128)).toEqual(bytes.map((_, i) => i === bytes.length - 1));
  }
});
