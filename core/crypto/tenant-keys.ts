import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { PlatformError } from '../error/platform-error';

/** Length of the master key in bytes. */
export const MASTER_KEY_BYTES = 32;

/** RFC 8410 frame around a raw Ed25519 seed, which node:crypto takes only as PKCS#8. */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** What one tenant's checkpoints are sealed with. Nothing of one tenant's keys can be computed from another's. */
export interface TenantKeys {
  /** Root of the AES-256-GCM keys: each checkpoint gets its own below it (`sealKey`). 32 bytes. */
  readonly encryptionKey: Buffer;
  /** Ed25519 seed, 32 bytes. */
  readonly signingSeed: Buffer;
}

/** HKDF-SHA256 from the master key. The words keep tenants, uses and neighbours (`a`,`bc` and `ab`,`c`) apart. */
export function deriveKey(masterKey: Buffer, ...words: readonly string[]): Buffer {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new PlatformError(
      'invalid_argument',
      `The master key has ${masterKey.length} bytes; it needs ${MASTER_KEY_BYTES}`,
    );
  }
  return Buffer.from(hkdfSync('sha256', masterKey, 'presage/v1', JSON.stringify(words), 32));
}

/** Keys of a tenant's checkpoints. */
export function deriveTenantKeys(masterKey: Buffer, tenant: string): TenantKeys {
  return {
    encryptionKey: deriveKey(masterKey, 'checkpoint/aes-256-gcm', tenant),
    signingSeed: deriveKey(masterKey, 'checkpoint/ed25519', tenant),
  };
}

/** Key of one sealed checkpoint. `salt` is fresh for each sealing, so that counters can serve as nonces. */
export function sealKey(keys: TenantKeys, salt: Buffer, checkpointId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', keys.encryptionKey, salt, JSON.stringify(['sealed', checkpointId]), 32));
}

/** Ed25519 key pair from its seed. */
export function signingKeys(seed: Buffer): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const privateKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
