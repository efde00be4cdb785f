import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureAuthority, newSerial } from '../../../drivers/certificates/local-authority';
import { platformIdentity } from '../../../drivers/certificates/platform-identity';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'authority-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test('is made once, also by several at the same time, and read by who comes later', async () => {
  expect(platformIdentity(folder)).toBeUndefined();
  const made = await Promise.all([1, 2, 3].map(() => ensureAuthority(folder)));
  const later = await ensureAuthority(folder);
  expect(new Set([...made, later].map(({ certificatePem }) => certificatePem)).size).toBe(1);
  expect(new X509Certificate(later.certificatePem).ca).toBe(true);
});

test('has a certificate for gateways and control workers, and keys that nobody else reads', async () => {
  const { certificatePem } = await ensureAuthority(folder);
  const identity = platformIdentity(folder);
  if (!identity) throw new Error('there is none');
  const certificate = new X509Certificate(await readFile(identity.cert));
  expect(certificate.subject).toContain('OU=presage-platform');
  expect(certificate.verify(new X509Certificate(certificatePem).publicKey)).toBe(true);
  for (const file of [identity.key, path.join(path.dirname(identity.key), 'ca.key')]) {
    expect((await stat(file)).mode & 0o077).toBe(0);
  }
});

test('an authority that cannot be read is not made anew', async () => {
  await ensureAuthority(folder);
  await rm(path.join(folder, 'secrets', 'authority', 'ca.key'));
  await expect(ensureAuthority(folder)).rejects.toMatchObject({ code: 'internal' });
});

test.each(['00000000000000000000000000000000', '007fffffffffffffffffffffffffffff', 'ffffffffffffffffffffffffffffffff'])(
  'a serial number of %s is positive and written as short as can be',
  (random) => {
    const serial = newSerial(Buffer.from(random, 'hex'));
    expect(serial).toHaveLength(32);
    expect(Number.parseInt(serial.slice(0, 2), 16)).toBeGreaterThan(0);
    expect(Number.parseInt(serial.slice(0, 2), 16)).toBeLessThan(0x80);
  },
);
