import fc from 'fast-check';
import { NONCE_BYTES } from '../../../core/crypto/data-key';
import { keyVersionOf, openSecret, sealSecret } from '../../../core/crypto/secret-box';

const key = Buffer.alloc(32, 3);
const owner = { tenant: 'acme', name: 'db' };
const nonce = Buffer.alloc(NONCE_BYTES, 9);
const bytes = fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));

describe('secret box', () => {
  it('gives back what was sealed, and says which key it needs', () => {
    const version = fc.integer({ min: 1, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.string(), fc.string(), bytes, version, (tenant, name, plain, number) => {
        const sealed = sealSecret({ version: number, key }, { tenant, name }, plain, nonce);
        expect(keyVersionOf(sealed, { tenant, name })).toBe(number);
        expect(openSecret(key, { tenant, name }, sealed).equals(plain)).toBe(true);
      }),
    );
  });

  it('does not open with any one bit flipped, or cut short', () => {
    const sealed = sealSecret({ version: 7, key }, owner, 'a password', nonce);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openSecret(key, owner, altered)).toThrow('cannot be opened');
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => openSecret(key, owner, sealed.subarray(0, length))).toThrow('cannot be opened');
    }
  });

  it('opens for its own tenant, name and key alone', () => {
    const sealed = sealSecret({ version: 1, key }, owner, 'a password', nonce);
    for (const open of [
      () => openSecret(key, { ...owner, tenant: 'rival' }, sealed),
      () => openSecret(key, { ...owner, name: 'other' }, sealed),
      () => openSecret(Buffer.alloc(32, 4), owner, sealed),
    ]) {
      expect(open).toThrow(expect.objectContaining({ code: 'internal', hint: expect.stringContaining('master.key') }));
    }
  });

  it('does not show its content, and takes no nonce of the wrong length', () => {
    const sealed = sealSecret({ version: 1, key }, owner, 'correct horse battery staple', nonce);
    expect(sealed.includes('horse')).toBe(false);
    expect(() => sealSecret({ version: 1, key }, owner, 'x', Buffer.alloc(8))).toThrow('nonce has 12 bytes');
  });

  it('opens boxes from before there were data keys, under the master key itself', () => {
    const before = Buffer.from('01090909090909090909090909d6410ad79e67e1016a8c1df6121e727d9acb936bf53dc61d4a8f', 'hex');
    expect(keyVersionOf(before, owner)).toBe(0);
    expect(openSecret(key, owner, before).toString()).toBe('a password');
    expect(() => openSecret(Buffer.alloc(32, 4), owner, before)).toThrow('cannot be opened');
    expect(() => keyVersionOf(Buffer.from([3, 0, 0, 0, 1]), owner)).toThrow('cannot be opened');
  });
});
