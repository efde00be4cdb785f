/** Two words of 32 bits. */
export type HalfSipKey = readonly [number, number];

/**
 * HalfSipHash-2-4 of whole 32-bit words: a keyed hash whose values nobody without the key can tell from chance, in a
 * fraction of a microsecond. Of 32 bits it is no signature: use it where one right guess in four billion buys nothing.
 * Source: J.-P. Aumasson, D. J. Bernstein, SipHash: a fast short-input PRF (2012), with the reduced words of its authors.
 * @param words each taken as an unsigned number of 32 bits, in little-endian order of the bytes they stand for
 * @returns an unsigned number of 32 bits
 */
export function halfSipHash([k0, k1]: HalfSipKey, words: readonly number[]): number {
  let v0 = k0 | 0;
  let v1 = k1 | 0;
  let v2 = k0 ^ 0x6c796765;
  let v3 = k1 ^ 0x74656462;
  // The last block holds the length in bytes.
  const blocks = words.length + 1;
  const last = (words.length * 4) << 24;
  let block = 0;
  // Two rounds for each block, four at the end; on the hot path calls would take longer than what they did.
  for (let round = 0; round < 2 * blocks + 4; round++) {
    if (round % 2 === 0 && round <= 2 * blocks) {
      v0 ^= block;
      if (round < 2 * blocks) {
        block = round < 2 * words.length ? (words[round / 2] as number) | 0 : last;
        v3 ^= block;
      } else v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return (v1 ^ v3) >>> 0;
}
