import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ListrTask } from 'listr2';
import { PlatformError } from '../../core/error/platform-error';
import { ensureMasterKey } from '../../drivers/secrets/master-key';
import { gatewayUrl } from '../gateway-url';
import { migrate } from '../migrate';
import { temporalAccess } from '../temporal-access';
import type { Environment } from './environment';
import { findTemporal } from './prerequisites/temporal-binary';
import { agentServices, controlService, gatewayService } from './services/node-service';
import { ensureCluster } from './services/postgres-cluster';
import { accepts, postgresService } from './services/postgres-service';
import { temporalService } from './services/temporal-service';
import type { Service } from './supervisor/service';
import type { Supervisor } from './supervisor/supervisor';
import { prepareNamespace } from './temporal-namespace';

/**
 * One line of the progress list for each process. They start at once, except that the gateway and the control worker wait for the
 * database's tables, which are theirs to assume.
 */
export async function startTasks(
  environment: Environment,
  supervisor: Supervisor,
  env: NodeJS.ProcessEnv,
): Promise<ListrTask[]> {
  const { config, cacheDir, ownPostgres, ownTemporal } = environment;
  await ensureMasterKey(config.dataDir, env, config.secrets.keyFile);
  const databaseUrl = env['PRESAGE__POSTGRES__URL'] ?? '';

  const database = once(async () => {
    if (ownPostgres) await supervisor.start(postgresService(config, await ensureCluster(config, cacheDir)));
    else if (!(await accepts(databaseUrl))) throw notAnswering('The database given', 'postgres.url or DATABASE_URL');
  });
  const temporal = once(async () => {
    if (ownTemporal) await supervisor.start(temporalService(config, requireTemporal(cacheDir)));
    const prepare = (): Promise<void> => prepareNamespace(config, temporalAccess(config), ownTemporal);
    // Of a server of the user's it is also how we learn that it answers.
    await (ownTemporal ? oncePerFolder(config.dataDir, prepare) : prepare());
  });
  const tables = once(async () => {
    await database();
    await migrate({ ...config, postgres: { ...config.postgres, url: databaseUrl } }, gatewayUrl(config));
  });

  return [
    line('PostgreSQL', database),
    line('Temporal', temporal),
    line('Tables', tables),
    ...agentServices(config, env).map((service) => started(service, supervisor)),
    started(controlService(config, env), supervisor, tables),
    started(gatewayService(config, env), supervisor, tables),
  ];
}

function line(title: string, work: () => Promise<void>): ListrTask {
  return { title, task: () => work() };
}

function started(service: Service, supervisor: Supervisor, after?: () => Promise<void>): ListrTask {
  return {
    title: service.name,
    task: async (_context, task) => {
      await after?.().catch(() => {
        throw new PlatformError('unavailable', 'it needs the database');
      });
      const { adopted, pid } = await supervisor.start(service);
      task.title = `${service.name}: pid ${pid}${adopted ? ', still running' : ''}`;
    },
  };
}

/** Several lines wait for the same work. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

/** Remembered beside Temporal's own state, so that a new data folder does it again. */
async function oncePerFolder(dataDir: string, work: () => Promise<void>): Promise<void> {
  const mark = path.join(dataDir, 'temporal.prepared');
  if (existsSync(mark)) return;
  await work();
  writeFileSync(mark, '');
}

function requireTemporal(cacheDir: string): string {
  const binary = findTemporal(cacheDir);
  if (binary) return binary;
  throw new PlatformError('unsupported', 'The Temporal server is not installed', { hint: 'npm run doctor' });
}

function notAnswering(what: string, setting: string): PlatformError {
  return new PlatformError('unavailable', `${what} does not answer`, {
    hint: `Start it, or leave ${setting} out to have one run here.`,
  });
}
