import { Pool, types, type CustomTypesConfig, type PoolClient, type PoolConfig } from 'pg';
import type { Logger } from 'pino';
import { sql, type PostgresPool, type PostgresPoolClient, type PostgresQueryResult, type RawBuilder } from 'kysely';
import { breaksConnection, databaseError } from './database-error';

export type StoreLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/** Milliseconds. The client's own limit is the longer one: it only speaks when the server cannot. */
const STATEMENT_TIMEOUT_MS = 15_000;
const CLIENT_TIMEOUT_MS = 20_000;
const CONNECT_TIMEOUT_MS = 5_000;

const BIGINT_OID = 20;

/** bigint comes as a number; one that a number cannot hold is an error rather than a wrong figure. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond what a number holds exactly`);
  return value;
}

const parsers: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT_OID ? parseBigint : (types.getTypeParser(oid, format ?? 'text') as (text: string) => unknown),
};

/** Connection settings that the pool and the listening connection share. */
export function connectionSettings(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: 'presage',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: parsers,
  };
}

export interface PoolOptions {
  readonly size: number;
  /** False for migrations, which may wait for one another and for long work. */
  readonly timeouts: boolean;
  readonly log: StoreLog | undefined;
}

/**
 * A pg pool as Kysely wants it, which survives the death of the server: broken connections are thrown away, and every
 * failure leaves as a PlatformError.
 */
export function openPool(url: string, options: PoolOptions): PostgresPool {
  const limits: PoolConfig = options.timeouts
    ? {
        statement_timeout: STATEMENT_TIMEOUT_MS,
        query_timeout: CLIENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: CLIENT_TIMEOUT_MS,
      }
    : {};
  const pool = new Pool({ ...connectionSettings(url), ...limits, max: options.size, idleTimeoutMillis: 60_000 });
  // Without listeners Node ends the process when an idle connection, or one between two statements, breaks.
  pool.on('error', (error) => options.log?.warn({ err: error }, 'an idle database connection broke'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    connect: async () => guarded(await pool.connect().catch(rethrow), options.log),
    end: () => pool.end(),
  };
}

function rethrow(error: unknown): never {
  throw databaseError(error);
}

/** How a statement begins that each connection is to plan once: it runs often, and planning it takes longer than running it. */
export function planOnce(name: string): RawBuilder<unknown> {
  return sql.raw(`/* once: ${name} */`);
}
const PLANNED_ONCE = /^\s*\/\* once: ([\w-]+) \*\//;

/** One loan of a connection. Kysely knows it by identity, so each loan is a new object. */
function guarded(client: PoolClient, log: StoreLog | undefined): PostgresPoolClient {
  let broken = false;
  const query = async <R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    try {
      const name = PLANNED_ONCE.exec(text)?.[1];
      const values = [...parameters];
      return (await client.query(name === undefined ? { text, values } : { name, text, values })) as never;
    } catch (error) {
      broken ||= breaksConnection(error);
      const translated = databaseError(error);
      if (translated.code === 'internal') log?.error({ err: error }, 'the database refused a statement');
      throw translated;
    }
  };
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken) };
}
