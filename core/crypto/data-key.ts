import { createCipheriv, createDecipheriv } from 'node:crypto';
import { PlatformError } from '../error/platform-error';
import { deriveKey } from './tenant-keys';

/** Length of a data key in bytes: what a tenant's secrets are sealed under. Random, and stored only wrapped. */
export const DATA_KEY_BYTES = 32;
/** Bytes of randomness for one sealing or wrapping, fresh for every call. */
export const NONCE_BYTES = 12;
const FORM = 1;
const TAG_BYTES = 16;

/** Names a master key without telling anything about it: 16 hex digits. */
export function masterKeyId(masterKey: Buffer): string {
  return deriveKey(masterKey, 'master-key/id').subarray(0, 8).toString('hex');
}

/**
 * A data key sealed under a master key: form (1 byte), nonce (12), tag (16), ciphertext (32). It opens as the same
 * tenant's same version alone, so that rows cannot be swapped in the database.
 */
export function wrapDataKey(
  masterKey: Buffer,
  owner: { readonly tenant: string; readonly version: number },
  dataKey: Buffer,
  nonce: Buffer,
): Buffer {
  if (dataKey.length !== DATA_KEY_BYTES || nonce.length !== NONCE_BYTES) {
    throw new PlatformError('invalid_argument', `A data key has ${DATA_KEY_BYTES} bytes, its nonce ${NONCE_BYTES}`);
  }
  const cipher = createCipheriv('aes-256-gcm', wrappingKey(masterKey, owner.tenant), nonce);
  cipher.setAAD(associatedData(owner));
  const text = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return Buffer.concat([Buffer.of(FORM), nonce, cipher.getAuthTag(), text]);
}

/** @throws PlatformError internal when the master key is another one or a byte was altered */
export function unwrapDataKey(
  masterKey: Buffer,
  owner: { readonly tenant: string; readonly version: number },
  wrapped: Buffer,
): Buffer {
  const textAt = 1 + NONCE_BYTES + TAG_BYTES;
  try {
    if (wrapped.length !== textAt + DATA_KEY_BYTES || wrapped[0] !== FORM) throw new Error('not a wrapped data key');
    const nonce = wrapped.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey(masterKey, owner.tenant), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(owner)).setAuthTag(wrapped.subarray(1 + NONCE_BYTES, textAt));
    return Buffer.concat([decipher.update(wrapped.subarray(textAt)), decipher.final()]);
  } catch (error) {
    throw new PlatformError('internal', `Data key ${owner.version} of the tenant "${owner.tenant}" cannot be opened`, {
      cause: error,
      hint: 'It was wrapped by another master key, or altered. Bring that key back as a previous one, then rewrap.',
    });
  }
}

function wrappingKey(masterKey: Buffer, tenant: string): Buffer {
  return deriveKey(masterKey, 'data-key/aes-256-gcm', tenant);
}

function associatedData({ tenant, version }: { tenant: string; version: number }): Buffer {
  return Buffer.from(JSON.stringify(['presage-data-key', FORM, tenant, version]));
}
