import fc from 'fast-check';
import { openSecret, SECRET_NONCE_BYTES, sealSecret } from '../../../core/crypto/secret-box';

const masterKey = Buffer.alloc(32, 3);
const nonce = Buffer.alloc(SECRET_NONCE_BYTES, 9);
const bytes = fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array));

describe('secret box', () => {
  it('gives back what was sealed', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), bytes, (tenant, name, plain) => {
        const sealed = sealSecret(masterKey, tenant, name, plain, nonce);
        expect(openSecret(masterKey, tenant, name, sealed).equals(plain)).toBe(true);
      }),
    );
  });

  it('does not open with any one bit flipped, or cut short', () => {
    const sealed = sealSecret(masterKey, 'acme', 'db', 'a password', nonce);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openSecret(masterKey, 'acme', 'db', altered)).toThrow('cannot be opened');
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => openSecret(masterKey, 'acme', 'db', sealed.subarray(0, length))).toThrow('cannot be opened');
    }
  });

  it('opens for its own tenant, name and master key alone', () => {
    const sealed = sealSecret(masterKey, 'acme', 'db', 'a password', nonce);
    for (const open of [
      () => openSecret(masterKey, 'rival', 'db', sealed),
      () => openSecret(masterKey, 'acme', 'other', sealed),
      () => openSecret(Buffer.alloc(32, 4), 'acme', 'db', sealed),
    ]) {
      expect(open).toThrow(expect.objectContaining({ code: 'internal', hint: expect.stringContaining('master.key') }));
    }
  });

  it('does not show its content, and takes no nonce of the wrong length', () => {
    const sealed = sealSecret(masterKey, 'acme', 'db', 'correct horse battery staple', nonce);
    expect(sealed.includes('horse')).toBe(false);
    expect(() => sealSecret(masterKey, 'acme', 'db', 'x', Buffer.alloc(8))).toThrow('nonce has 12 bytes');
  });
});
