import { generateKeyPair } from 'node:crypto';
import { KEY_BITS } from './certificate-request';

/** A new private key for a certificate: PEM, PKCS #8. Its randomness is the system's alone: nobody passes in what a key is made of. */
export function newRsaKey(): Promise<string> {
  return new Promise((resolve, reject) => {
    const form = { type: 'pkcs8', format: 'pem' } as const;
    const spki = { type: 'spki', format: 'pem' } as const;
    generateKeyPair(
      'rsa',
      { modulusLength: KEY_BITS, privateKeyEncoding: form, publicKeyEncoding: spki },
      (error, _public, key) => {
        if (error) reject(error);
        else resolve(key);
      },
    );
  });
}
