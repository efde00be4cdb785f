import { createHash } from 'node:crypto';
import { givenApiKey, hashApiKey, newApiKey } from '../../../core/crypto/api-key';

describe('API keys', () => {
  it('are psk_ and 43 base64url characters, listed by their first 8', () => {
    const { key, prefix, hash } = newApiKey(Buffer.alloc(32, 0xfb));
    expect(key).toMatch(/^psk_[A-Za-z0-9_-]{43}$/);
    expect(key.startsWith(`psk_${prefix}`)).toBe(true);
    expect(prefix).toHaveLength(8);
    expect(hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(hashApiKey(key)).toBe(hash);
  });

  it('are not made of too little randomness', () => {
    expect(() => newApiKey(Buffer.alloc(16))).toThrow('made of 32 random bytes, not 16');
  });

  it('may be made by an operator, in the same form; the error does not repeat the text', () => {
    const made = newApiKey(Buffer.alloc(32, 7));
    expect(givenApiKey(` ${made.key}\n`, 'HERE')).toEqual(made);
    for (const text of ['', 'secret', made.key.slice(0, -1), `${made.key}!`]) {
      expect(() => givenApiKey(text, 'HERE')).toThrow('The API key in HERE is not psk_ and 43 or more');
      if (text) expect(() => givenApiKey(text, 'HERE')).not.toThrow(text);
    }
  });
});
