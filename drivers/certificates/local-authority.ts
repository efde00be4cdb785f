import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { md, pki } from 'node-forge';
import { PlatformError } from '../../core/error/platform-error';
import { newCertificateRequest } from '../../core/node/certificate-request';
import { PLATFORM_ROLE } from '../../core/node/certificate-names';
import { newRsaKey } from '../../core/node/rsa-key';
import { renewalDue } from '../../core/node/certificate-life';
import { errorCodeOf, storageError } from '../storage-error';
import type { Authority, CertificateOwner } from './authority';
import { authorityFolder, platformIdentity } from './platform-identity';

const YEAR_MS = 365 * 86_400_000;
/** How long the authority's own certificate is good, and those that it signs. */
const [AUTHORITY_YEARS, OWNER_YEARS] = [20, 5];

/**
 * The authority whose key is `<dataDir>/secrets/authority/ca.key`, made with the first call. Processes that call at the same time
 * get the same one. @throws PlatformError storage_full, internal
 */
export async function ensureAuthority(dataDir: string, now: () => number = Date.now): Promise<Authority> {
  const folder = authorityFolder(dataDir);
  if (!existsSync(folder)) await make(folder, now);
  try {
    const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
    const [key, certificatePem] = await Promise.all([read('ca.key'), read('ca.crt')]);
    return authorityOf(pki.privateKeyFromPem(key), certificatePem, now);
  } catch (error) {
    throw storageError(error, 'Reading the certificate authority');
  }
}

/**
 * Renews the certificate that gateways and control workers show, where it is time; its key stays. Nothing happens where there
 * is no authority. @returns whether it did @throws PlatformError storage_full, internal
 */
export async function renewPlatformCertificate(dataDir: string, now: () => number = Date.now): Promise<boolean> {
  const identity = platformIdentity(dataDir);
  if (!identity) return false;
  try {
    const [certificate, key] = await Promise.all([readFile(identity.cert, 'utf8'), readFile(identity.key, 'utf8')]);
    const { validFrom, validTo } = new X509Certificate(certificate);
    if (!renewalDue({ notBefore: new Date(validFrom), notAfter: new Date(validTo) }, new Date(now()))) return false;
    const authority = await ensureAuthority(dataDir, now);
    const temporary = `${identity.cert}.${randomUUID()}`;
    const request = await newCertificateRequest(key, PLATFORM.commonName);
    await writeFile(temporary, authority.sign(request, PLATFORM), { mode: 0o600, flush: true });
    await rename(temporary, identity.cert);
    return true;
  } catch (error) {
    throw storageError(error, 'Renewing the certificate of the platform');
  }
}

const PLATFORM: CertificateOwner = { commonName: 'platform', role: PLATFORM_ROLE };

function authorityOf(key: pki.rsa.PrivateKey, certificatePem: string, now: () => number): Authority {
  const { subject, validity } = pki.certificateFromPem(certificatePem);
  const issuer = subject.attributes;
  return {
    certificatePem,
    sign(requestPem, { commonName, role, serverName }) {
      const certificate = newCertificate(publicKeyOf(requestPem), OWNER_YEARS, now());
      // Nothing outlives who vouches for it.
      if (certificate.validity.notAfter > validity.notAfter) certificate.validity.notAfter = validity.notAfter;
      certificate.setSubject([
        { name: 'commonName', value: commonName },
        { shortName: 'OU', value: role },
      ]);
      certificate.setIssuer(issuer);
      certificate.setExtensions([
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        ...(serverName === undefined ? [] : [{ name: 'subjectAltName', altNames: [{ type: DNS, value: serverName }] }]),
      ]);
      certificate.sign(key, md.sha256.create());
      return pki.certificateToPem(certificate);
    },
  };
}

/** Of an alternative name (RFC 5280, GeneralName). */
const DNS = 2;

/** The key that a request brings, which it must have signed with. @throws PlatformError invalid_argument */
function publicKeyOf(requestPem: string): pki.rsa.PublicKey {
  try {
    const request = pki.certificationRequestFromPem(requestPem);
    if (request.publicKey && request.verify()) return request.publicKey as pki.rsa.PublicKey;
  } catch (error) {
    throw new PlatformError(
      'invalid_argument',
      'The certificate request cannot be read, or is not signed with its own key',
      {
        cause: error,
      },
    );
  }
  throw new PlatformError('invalid_argument', 'The certificate request is not signed with its own key');
}

/** All files in a folder that appears whole: whoever comes second keeps the first one's. */
async function make(folder: string, now: () => number): Promise<void> {
  const temporary = `${folder}.${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const keyPem = await newRsaKey();
    const key = pki.privateKeyFromPem(keyPem);
    const certificate = newCertificate(pki.rsa.setPublicKey(key.n, key.e), AUTHORITY_YEARS, now());
    const name = [{ name: 'commonName', value: `Presage ${randomBytes(4).toString('hex')}` }];
    certificate.setSubject(name);
    certificate.setIssuer(name);
    certificate.setExtensions([
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ]);
    certificate.sign(key, md.sha256.create());
    const certificatePem = pki.certificateToPem(certificate);
    const ownKey = await newRsaKey();
    const files = {
      'ca.key': keyPem,
      'ca.crt': certificatePem,
      'platform.key': ownKey,
      'platform.crt': authorityOf(key, certificatePem, now).sign(
        await newCertificateRequest(ownKey, PLATFORM.commonName),
        PLATFORM,
      ),
    };
    for (const [file, text] of Object.entries(files))
      await writeFile(path.join(temporary, file), text, { mode: 0o600 });
    await rename(temporary, folder).catch((error: unknown) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(errorCodeOf(error) ?? '')) throw error;
    });
  } catch (error) {
    throw storageError(error, 'Making the certificate authority');
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @param now Unix milliseconds */
function newCertificate(publicKey: pki.rsa.PublicKey, years: number, now: number): pki.Certificate {
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = newSerial(randomBytes(16));
  // A machine whose clock is a little behind must not find it not valid yet.
  certificate.validity.notBefore = new Date(now - 3_600_000);
  certificate.validity.notAfter = new Date(now + years * YEAR_MS);
  return certificate;
}

/**
 * A serial number that is written in one way only (X.690, 8.3.2): positive, and its first byte is needed. Some readers refuse a
 * certificate for less. @param random 16 bytes
 */
export function newSerial(random: Buffer): string {
  const bytes = Buffer.from(random);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
