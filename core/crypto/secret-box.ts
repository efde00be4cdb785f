import { createCipheriv, createDecipheriv } from 'node:crypto';
import { PlatformError } from '../error/platform-error';
import { NONCE_BYTES } from './data-key';
import { deriveKey } from './tenant-keys';

/** Boxes of form 1 were sealed under the master key itself; they are opened still, and sealed anew by a rewrap. */
const UNDER_MASTER_KEY = 1;
const UNDER_DATA_KEY = 2;
const VERSION_BYTES = 4;
const TAG_BYTES = 16;

/** A tenant's key in the clear, and which of its versions it is. */
export interface DataKey {
  /** 1 to 2^32 - 1. */
  readonly version: number;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** What a secret belongs to. */
export interface SecretOwner {
  readonly tenant: string;
  readonly name: string;
}

/**
 * A small secret, encrypted for one tenant and name: form (1 byte), version of the data key (4), nonce (12), tag (16),
 * AES-256-GCM ciphertext. It opens under the same tenant and name alone, so that rows cannot be swapped in the database.
 */
export function sealSecret(dataKey: DataKey, owner: SecretOwner, plain: Buffer | string, nonce: Buffer): Buffer {
  if (nonce.length !== NONCE_BYTES) {
    throw new PlatformError('invalid_argument', `A secret's nonce has ${NONCE_BYTES} bytes, not ${nonce.length}`);
  }
  const head = Buffer.alloc(1 + VERSION_BYTES);
  head.writeUInt8(UNDER_DATA_KEY, 0);
  head.writeUInt32BE(dataKey.version, 1);
  const cipher = createCipheriv('aes-256-gcm', secretKey(dataKey.key, owner), nonce);
  cipher.setAAD(associatedData(head, owner));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
}

/** Version of the data key that a box needs; 0 when it needs the master key itself. @throws PlatformError internal */
export function keyVersionOf(sealed: Buffer, owner: SecretOwner): number {
  if (sealed[0] === UNDER_MASTER_KEY) return 0;
  if (sealed[0] === UNDER_DATA_KEY && sealed.length >= 1 + VERSION_BYTES) return sealed.readUInt32BE(1);
  throw unopened(owner, new Error('not a sealed secret'));
}

/**
 * The secret in the clear.
 * @param key the data key of the box's version, or the master key where `keyVersionOf` says 0
 * @throws PlatformError internal when the key is another one or a byte was altered
 */
export function openSecret(key: Buffer, owner: SecretOwner, sealed: Buffer): Buffer {
  try {
    const headBytes = sealed[0] === UNDER_MASTER_KEY ? 1 : 1 + VERSION_BYTES;
    const textAt = headBytes + NONCE_BYTES + TAG_BYTES;
    if (sealed.length < textAt) throw new Error('cut short');
    const nonce = sealed.subarray(headBytes, headBytes + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', secretKey(key, owner), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(sealed.subarray(0, headBytes), owner));
    decipher.setAuthTag(sealed.subarray(headBytes + NONCE_BYTES, textAt));
    return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]);
  } catch (error) {
    throw unopened(owner, error);
  }
}

function unopened({ name }: SecretOwner, cause: unknown): PlatformError {
  return new PlatformError('internal', `The secret "${name}" cannot be opened`, {
    cause,
    hint: 'It was sealed under another master key, or altered. Bring back secrets/master.key, or set the secret anew.',
  });
}

function secretKey(key: Buffer, { tenant, name }: SecretOwner): Buffer {
  return deriveKey(key, 'secret/aes-256-gcm', tenant, name);
}

function associatedData(head: Buffer, { tenant, name }: SecretOwner): Buffer {
  const version = head.length > 1 ? [head.readUInt32BE(1)] : [];
  return Buffer.from(JSON.stringify(['presage-secret', head[0], tenant, name, ...version]));
}
