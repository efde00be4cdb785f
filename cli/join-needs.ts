import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { blobName } from '../core/archive/blob-name';
import { masterKeyId } from '../core/crypto/data-key';

/** What an agent on another machine needs beside its certificate, and whether it is there. */
export interface JoinNeed {
  readonly what: 'postgres' | 'blobs' | 'master key' | 'relay';
  /** Null: it is as it should be. */
  readonly missing: string | null;
}

export interface JoinFacts {
  readonly folder: string;
  readonly postgres: string | undefined;
  readonly masterKey: string | undefined;
  readonly relay: string;
  /** Of the platform's master key. */
  readonly masterKeyId: string;
  /** One that the platform has in its image store. */
  readonly blob: string;
}

/** What an agent writes to, and what it must be allowed there. */
const TABLES = ['nodes', 'instances', 'events', 'logs'];
const CONNECT_MS = 5_000;

/** Looks for each of them; nothing is changed. */
export async function checkNeeds(facts: JoinFacts): Promise<readonly JoinNeed[]> {
  const [postgres, blobs, masterKey] = await Promise.all([ofPostgres(facts), ofBlobs(facts), ofMasterKey(facts)]);
  return [
    { what: 'postgres', missing: postgres },
    { what: 'blobs', missing: blobs },
    { what: 'master key', missing: masterKey },
    { what: 'relay', missing: ofRelay(facts) },
  ];
}

async function ofPostgres({ postgres }: JoinFacts): Promise<string | null> {
  if (!postgres) {
    return 'no URL was given: --postgres URL, or PRESAGE__POSTGRES__URL for the agent. It must be reachable from here';
  }
  const client = new Client({
    connectionString: postgres,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  // A connection that breaks says so twice.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ table: string; allowed: boolean | null }>(
      `select name as table, has_table_privilege(to_regclass(name), 'select')
         and has_table_privilege(to_regclass(name), 'insert')
         and has_table_privilege(to_regclass(name), 'update') as allowed
       from unnest($1::text[]) as name`,
      [TABLES],
    );
    const absent = rows.filter(({ allowed }) => allowed === null).map(({ table }) => table);
    if (absent.length > 0) return `it has no table ${absent.join(', ')}: it is not the database of the platform`;
    const refused = rows.filter(({ allowed }) => allowed === false).map(({ table }) => table);
    return refused.length === 0 ? null : `its role may not select, insert and update in ${refused.join(', ')}`;
  } catch (error) {
    return `it cannot be reached from here: ${(error as Error).message}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ofBlobs({ folder, blob }: JoinFacts): Promise<string | null> {
  const blobs = path.join(folder, 'blobs');
  const file = path.join(blobs, ...(blobName(blob) ?? []));
  if (await stat(file).catch(() => null)) return null;
  return `${blobs} is not the image store of the platform: share its blobs folder with this machine, there or by a link`;
}

async function ofMasterKey({ masterKey, masterKeyId: wanted }: JoinFacts): Promise<string | null> {
  if (!masterKey) {
    return 'no file was given: --master-key FILE. Without the platform’s own key the agent makes one, and cannot open checkpoints of others';
  }
  try {
    const key = Buffer.from((await readFile(masterKey, 'utf8')).trim(), 'hex');
    return masterKeyId(key) === wanted ? null : `the key in ${masterKey} is not that of the platform`;
  } catch (error) {
    return `${masterKey} cannot be read: ${(error as Error).message}`;
  }
}

/** Gateways elsewhere are told this very host. */
function ofRelay({ relay }: JoinFacts): string | null {
  const host = relay.slice(0, relay.lastIndexOf(':'));
  return /^(0\.0\.0\.0|\[::\])$/.test(host) ? `${host} is where it listens, and no host that gateways can reach` : null;
}
