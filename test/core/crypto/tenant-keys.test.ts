import { sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { deriveKey, deriveTenantKeys, sealKey, signingKeys } from '../../../core/crypto/tenant-keys';

const masterKey = Buffer.alloc(32, 7);

describe('tenant keys', () => {
  it('are the same for the same tenant, and pinned: changing the derivation would lose every sealed checkpoint', () => {
    expect(deriveTenantKeys(masterKey, 'acme')).toEqual(deriveTenantKeys(masterKey, 'acme'));
    expect(deriveKey(masterKey, 'pin').toString('hex')).toBe(
      '3709d0bee75d4151662a568ec89e1de894178caa763d5685cbd10a8b52d77abc',
    );
  });

  it('differ between tenants, uses, master keys, salts and checkpoints', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        fc.pre(a !== b);
        const [first, second] = [deriveTenantKeys(masterKey, a), deriveTenantKeys(masterKey, b)];
        const other = deriveTenantKeys(Buffer.alloc(32, 8), a);
        const salt = Buffer.alloc(32, 1);
        const keys = [
          ...[first, second, other].flatMap((keys) => [keys.encryptionKey, keys.signingSeed]),
          sealKey(first, salt, a),
          sealKey(first, salt, b),
          sealKey(first, Buffer.alloc(32, 2), a),
          sealKey(second, salt, a),
        ];
        expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length);
      }),
      { numRuns: 50 },
    );
  });

  it('do not run together at word borders', () => {
    expect(deriveKey(masterKey, 'a', 'bc').equals(deriveKey(masterKey, 'ab', 'c'))).toBe(false);
  });

  it('sign and verify, each tenant for itself', () => {
    const acme = signingKeys(deriveTenantKeys(masterKey, 'acme').signingSeed);
    const rival = signingKeys(deriveTenantKeys(masterKey, 'rival').signingSeed);
    const signature = sign(null, Buffer.from('image'), acme.privateKey);
    expect(verify(null, Buffer.from('image'), acme.publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from('image'), rival.publicKey, signature)).toBe(false);
  });

  it('need a master key of the right length', () => {
    expect(() => deriveTenantKeys(Buffer.alloc(16), 'acme')).toThrow('16 bytes; it needs 32');
  });
});
