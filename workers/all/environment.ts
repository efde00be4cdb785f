import { loadConfig, type Config } from '../config';
import { cacheDir } from '../cache-dir';
import { temporalUiUrl } from '../temporal-settings';
import type { Invocation } from './flags';
import { ownPostgresUrl } from './services/postgres-cluster';

/** The configuration of one `npm start`, and what its child processes read it from. */
export interface Environment {
  readonly config: Config;
  readonly cacheDir: string;
  /** Whether the database, or the Temporal server, is one that we run. */
  readonly ownPostgres: boolean;
  readonly ownTemporal: boolean;
  readonly temporalAddress: string;
  /** For the children: absolute paths, and the addresses of what was found or is run. May hold the database's password. */
  childEnv(): NodeJS.ProcessEnv;
}

/** Flags over environment over file over defaults. @throws PlatformError invalid_argument with all problems at once */
export function environmentOf(invocation: Invocation, processEnv: NodeJS.ProcessEnv = process.env): Environment {
  const env: NodeJS.ProcessEnv = { ...processEnv, ...invocation.env };
  // The names that other tools use for the same two things.
  if (env['DATABASE_URL']) env['PRESAGE__POSTGRES__URL'] ??= env['DATABASE_URL'];
  if (env['TEMPORAL_ADDRESS']) env['PRESAGE__TEMPORAL__ADDRESS'] ??= env['TEMPORAL_ADDRESS'];
  const config = loadConfig(env);
  const temporalAddress = config.temporal.address ?? `127.0.0.1:${config.temporal.port}`;
  const temporalUi = temporalUiUrl(config.temporal);
  return {
    config,
    cacheDir: cacheDir(env),
    ownPostgres: config.postgres.url === undefined,
    ownTemporal: config.temporal.address === undefined,
    temporalAddress,
    childEnv: () => ({
      ...env,
      PRESAGE__DATADIR: config.dataDir,
      PRESAGE__RUNDIR: config.runDir,
      PRESAGE__POSTGRES__URL: config.postgres.url ?? ownPostgresUrl(config),
      PRESAGE__TEMPORAL__ADDRESS: temporalAddress,
      // They cannot tell by the address that the server is ours, and has a UI beside it.
      ...(temporalUi === undefined ? {} : { PRESAGE__TEMPORAL__UIURL: temporalUi }),
      PRESAGE_CACHE: cacheDir(env),
    }),
  };
}
