import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { newCertificateRequest } from '../../../../core/node/certificate-request';
import { ensureAuthority } from '../../../../drivers/certificates/local-authority';
import { createRedisLimiter } from '../../../../drivers/limiter/redis/redis-limiter';
import type { RedisSettings } from '../../../../drivers/redis/redis-settings';
import { shareRedis, type SharedRedis } from '../../../../drivers/redis/shared-redis';
import { freePort } from '../../support/eventually';
import { startTemporaryRedis, startTemporarySentinel, type TemporaryRedis } from '../../support/temporary-redis';

let folder: string;
let redis: TemporaryRedis;
let tlsPort: number;
let ca: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'redis-tls-'));
  const authority = await ensureAuthority(folder);
  ca = authority.certificatePem;
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const owner = { commonName: 'redis', role: 'test', serverName: 'localhost' };
  const cert = authority.sign(await newCertificateRequest(privateKey, 'redis'), owner);
  const files = { 'tls-cert-file': cert, 'tls-key-file': privateKey, 'tls-ca-cert-file': ca };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  tlsPort = await freePort();
  redis = await startTemporaryRedis([
    ...['--tls-port', `${tlsPort}`, '--tls-auth-clients', 'no'],
    ...Object.keys(files).flatMap((name) => [`--${name}`, path.join(folder, name)]),
  ]);
  const admin = new Redis(redis.url);
  await admin.acl('SETUSER', 'gateway', 'on', '>s:cret', '~presage:*', '+@all');
  admin.disconnect();
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Counts one request by it; null when it is lost. */
async function countBy(settings: Partial<RedisSettings> & Pick<RedisSettings, 'urls'>): Promise<number | null> {
  const shared: SharedRedis = shareRedis({ cluster: false, prefix: 'presage:', timeoutMs: 1_000, ...settings });
  const limiter = createRedisLimiter(shared);
  try {
    await shared.circuit.known;
    if (!shared.circuit.usable) return null;
    return (await limiter.take('k', { requests: 10, windowSeconds: 60 })).remaining;
  } finally {
    await limiter.close();
    shared.close();
  }
}

test('TLS by an authority of one’s own, as a user with a password, in a database of one’s own', async () => {
  const url = `rediss://gateway:s%3Acret@localhost:${tlsPort}`;
  expect(await countBy({ urls: [url], ca })).toBe(9);
  expect(await countBy({ urls: [url], ca })).toBe(8);
  expect(await countBy({ urls: [`${url}/3`], ca })).toBe(9);
});

test('an authority that is not trusted, or a wrong password, is a lost Redis', async () => {
  expect(await countBy({ urls: [`rediss://gateway:s%3Acret@localhost:${tlsPort}`] })).toBeNull();
  expect(await countBy({ urls: [`rediss://gateway:wrong@localhost:${tlsPort}`], ca })).toBeNull();
});

test('the master that Sentinels name', async () => {
  const sentinel = await startTemporarySentinel(redis);
  try {
    expect(await countBy({ urls: [sentinel.url], sentinelMaster: 'main', prefix: 'other:' })).toBe(9);
  } finally {
    await sentinel.stop();
  }
});
