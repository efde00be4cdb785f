import { createCipheriv, createDecipheriv } from 'node:crypto';
import { PlatformError } from '../error/platform-error';
import { deriveKey } from './tenant-keys';

/** Bytes of randomness that `sealSecret` needs, fresh for every call. */
export const SECRET_NONCE_BYTES = 12;
const VERSION = 1;
const TAG_BYTES = 16;

/**
 * A small secret, encrypted for one tenant and name: version (1 byte), nonce (12), tag (16), AES-256-GCM ciphertext.
 * It opens under the same tenant and name alone, so that rows cannot be swapped in the database.
 */
export function sealSecret(
  masterKey: Buffer,
  tenant: string,
  name: string,
  plain: Buffer | string,
  nonce: Buffer,
): Buffer {
  if (nonce.length !== SECRET_NONCE_BYTES) {
    throw new PlatformError(
      'invalid_argument',
      `A secret's nonce has ${SECRET_NONCE_BYTES} bytes, not ${nonce.length}`,
    );
  }
  const cipher = createCipheriv('aes-256-gcm', secretKey(masterKey, tenant, name), nonce);
  cipher.setAAD(associatedData(tenant, name));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]);
}

/** The secret in the clear. @throws PlatformError internal when the master key is another one or a byte was altered */
export function openSecret(masterKey: Buffer, tenant: string, name: string, sealed: Buffer): Buffer {
  const textAt = 1 + SECRET_NONCE_BYTES + TAG_BYTES;
  try {
    if (sealed.length < textAt || sealed[0] !== VERSION) throw new Error('not a sealed secret of version 1');
    const nonce = sealed.subarray(1, 1 + SECRET_NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', secretKey(masterKey, tenant, name), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(tenant, name));
    decipher.setAuthTag(sealed.subarray(1 + SECRET_NONCE_BYTES, textAt));
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
  } catch (error) {
    throw new PlatformError('internal', `The secret "${name}" cannot be opened`, {
      cause: error,
      hint: 'It was sealed under another master key, or altered. Bring back secrets/master.key, or set the secret anew.',
    });
  }
}

function secretKey(masterKey: Buffer, tenant: string, name: string): Buffer {
  return deriveKey(masterKey, 'secret/aes-256-gcm', tenant, name);
}

function associatedData(tenant: string, name: string): Buffer {
  return Buffer.from(JSON.stringify(['presage-secret', VERSION, tenant, name]));
}
