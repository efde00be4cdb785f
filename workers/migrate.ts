import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { API_KEY_RANDOM_BYTES, givenApiKey, hashApiKey, newApiKey, type NewApiKey } from '../core/crypto/api-key';
import { isPlatformError, PlatformError } from '../core/error/platform-error';
import { openPostgresAsyncQueue } from '../drivers/async-queue/postgres';
import { openPostgresStore } from '../drivers/store/postgres';
import type { Store } from '../drivers/store/store';
import { invocationId } from '../gateway/invocation/invocation-id';
import { loadConfig, retentionDays, type Config } from './config';

const TENANT = 'default';
const [OWN_KEY, GIVEN_KEY] = ['this machine', 'first key'];
/** What keys are called that an installation is begun with. */
export const FIRST_KEY_NAMES: readonly string[] = [OWN_KEY, GIVEN_KEY];
/** PostgreSQL's code for a database that is not there, and for one that somebody else has just made. */
const NO_DATABASE = '3D000';
const DATABASE_EXISTS = '42P04';

const clientSchema = z.object({ url: z.string(), apiKey: z.string() });

/** What tools on this machine reach the platform with; `<dataDir>/client.json`, readable by us alone. */
export type ClientFile = z.infer<typeof clientSchema>;

/**
 * Brings the database to this version: made if missing, migrated, partitions for the coming days, the tenant `default`, and an API key
 * for this machine's own tools; where `firstKey` is given, that one and no file. Does nothing where nothing is to be done.
 * @throws PlatformError unavailable
 */
export async function migrate(config: Config, gatewayUrl: string, firstKey?: NewApiKey): Promise<void> {
  const { url } = config.postgres;
  if (!url) throw new PlatformError('invalid_argument', 'No database is given: set postgres.url or DATABASE_URL');
  await ensureDatabase(url);
  const store = openPostgresStore(url);
  try {
    await store.migrate();
    await migrateQueue(url);
    await Promise.all([store.maintainPartitions(new Date(), retentionDays(config)), store.ensureTenant(TENANT)]);
    if (firstKey) await ensureKey(store, firstKey);
    else await ensureClientFile(store, path.join(config.dataDir, 'client.json'), gatewayUrl);
  } finally {
    await store.close();
  }
}

async function migrateQueue(url: string): Promise<void> {
  const queue = openPostgresAsyncQueue(url, { newId: () => invocationId(Date.now()) });
  await queue.migrate().finally(() => queue.close());
}

/** Of a data folder; null when there is none or it cannot be read. */
export function readClientFile(dataDir: string): ClientFile | null {
  try {
    return clientSchema.parse(JSON.parse(readFileSync(path.join(dataDir, 'client.json'), 'utf8')));
  } catch {
    return null;
  }
}

async function ensureDatabase(url: string): Promise<void> {
  if (await canConnect(url)) return;
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const server = new URL(url);
  server.pathname = '/postgres';
  const client = new Client({ connectionString: server.toString() });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`create database "${name.replaceAll('"', '""')}"`);
  } catch (error) {
    if ((error as { code?: string }).code === DATABASE_EXISTS) return;
    throw new PlatformError('unavailable', `Database "${name}" is missing and cannot be made: ${String(error)}`, {
      cause: error,
      hint: `As an administrator: create database "${name}"`,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** False when the server has no such database. */
async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === NO_DATABASE) return false;
    throw new PlatformError('unavailable', `The database does not answer: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A key is only known when it is made, so a lost or foreign file gets a new one; the old one stays until it is revoked. */
async function ensureClientFile(store: Store, file: string, url: string): Promise<void> {
  const old = readClientFile(path.dirname(file));
  const known = old !== null && (await store.findApiKey(hashApiKey(old.apiKey))) !== null;
  if (known && old.url === url) return;
  const apiKey = known ? old.apiKey : await createKey(store);
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ url, apiKey }, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** One that was revoked since stays so: a key is never made twice. */
async function ensureKey(store: Store, { prefix, hash }: NewApiKey): Promise<void> {
  try {
    await store.createApiKey({ tenant: TENANT, name: GIVEN_KEY, prefix, hash, scopes: ['admin'] });
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'conflict') throw error;
  }
}

async function createKey(store: Store): Promise<string> {
  const { key, prefix, hash } = newApiKey(randomBytes(API_KEY_RANDOM_BYTES));
  await store.createApiKey({ tenant: TENANT, name: OWN_KEY, prefix, hash, scopes: ['admin'] });
  return key;
}

/** As a process of its own, for installations that are not run by `npm start`; `PRESAGE_FIRST_API_KEY` is then a key that their operator has made. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const { host, port, tls } = config.gateway;
  const first = process.env['PRESAGE_FIRST_API_KEY'];
  await migrate(
    config,
    `${tls ? 'https' : 'http'}://${host}:${port}`,
    first ? givenApiKey(first, 'PRESAGE_FIRST_API_KEY') : undefined,
  );
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
