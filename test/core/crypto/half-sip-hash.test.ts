import { halfSipHash } from '../../../core/crypto/half-sip-hash';

/** The bytes 0, 1, 2 … 7. */
const KEY = [0x03020100, 0x07060504] as const;

test.each([
  // Of the test vectors of its authors, those of whole words: the message is the bytes 0, 1, 2 …
  [[], 0x5b9f35a9],
  [[0x03020100], 0x89466e2a],
])('the hash of %j is that of its authors', (words, hash) => {
  expect(halfSipHash(KEY, words)).toBe(hash);
});

test('depends on every word and on the key', () => {
  const words = [1, 2, 3, 0xffffffff];
  const hashes = [
    halfSipHash(KEY, words),
    ...words.map((_, at) => halfSipHash(KEY, words.map((word, index) => (index === at ? word ^ 1 : word)))), // prettier-ignore
    halfSipHash([KEY[0] ^ 1, KEY[1]], words),
    halfSipHash([KEY[0], KEY[1] ^ 1], words),
    halfSipHash(KEY, words.slice(1)),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});
