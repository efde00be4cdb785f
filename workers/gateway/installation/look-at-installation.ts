import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { DiskFacts, Installation, OperatorKey } from '../../../core/doctor/installation';
import { isLoopback } from '../../../core/network/loopback';
import type { MasterKeyring } from '../../../drivers/secrets/master-keyring';
import type { Store } from '../../../drivers/store/store';
import { OPERATOR_TENANT } from '../../../gateway/api/access-guard';
import { lazyTemporalConnection } from '../../../gateway/api/temporal-connection';
import type { Config } from '../../config';
import { FIRST_KEY_NAMES } from '../../migrate';
import { ownVersion } from '../../own-version';
import { temporalAccess } from '../../temporal-access';
import { budgetFacts } from './money-facts';
import { nodeFacts } from './node-facts';
import { postgresFacts } from './postgres-facts';
import { temporalFacts } from './temporal-facts';

const PAGE = 1_000;

/** What a gateway looks at an installation with. */
interface InstallationParts {
  readonly config: Config;
  readonly store: Store;
  readonly nodes: () => Parameters<typeof nodeFacts>[0];
  readonly keyring: Pick<MasterKeyring, 'previous'>;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a gateway knows of its own; when its metrics were read is known at its door. */
export function installationLook(parts: InstallationParts): () => Promise<Omit<Installation, 'scrapedAt'>> {
  const { config, store, nodes, keyring, env = process.env } = parts;
  // Never closed: as that of the workflows it ends with the process.
  const temporal = lazyTemporalConnection(temporalAccess(config), config.temporal.namespace);
  return async () => {
    const { host, port, tls, processes } = config.gateway;
    const [postgres, workflows, installed, budgets, tenants, keys, disk] = await Promise.all([
      postgresFacts(config, Date.now),
      temporalFacts(temporal, config.temporal.namespace),
      nodeFacts(nodes(), Date.now),
      budgetFacts(store),
      tenantFacts(config, store),
      operatorKeys(store),
      diskOf(config.dataDir),
    ]);
    return {
      at: new Date(),
      version: ownVersion().version,
      door: { host, port, tls: tls !== undefined, local: isLoopback(host) },
      gatewayProcesses: processes,
      redis: config.redis.url !== undefined,
      openFiles: openFiles(),
      masterKey: { source: keySource(config, env), previous: keyring.previous.length },
      ...{ keys, postgres, temporal: workflows, disk, nodes: installed, budgets },
      imageStore: 'local',
      ...tenants,
      upForMs: performance.now(),
    };
  };
}

function keySource({ secrets }: Config, env: NodeJS.ProcessEnv): Installation['masterKey']['source'] {
  if (env['PRESAGE_MASTER_KEY']) return 'environment';
  return env['PRESAGE_MASTER_KEY_FILE'] || secrets.keyFile !== undefined ? 'file' : 'data-folder';
}

async function operatorKeys(store: Store): Promise<readonly OperatorKey[]> {
  const now = Date.now();
  const keys = await store.apiKeys(OPERATOR_TENANT);
  return keys
    .filter(({ scopes, revokedAt }) => scopes.includes('admin') && revokedAt === null)
    .filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > now)
    .map(({ id, name, createdAt, rotatedAt, expiresAt, lastUsedAt }) => ({
      ...{ id, name, createdAt, rotatedAt, expiresAt, lastUsedAt },
      first: FIRST_KEY_NAMES.includes(name),
    }));
}

/** How many functions there are, and whose calls no rate bounds. */
async function tenantFacts({ gateway: { limits } }: Config, store: Store) {
  const own = await store.limits();
  const rated = ({ rate, keyRate }: { rate?: unknown; keyRate?: unknown }): boolean =>
    rate !== undefined || keyRate !== undefined;
  const unlimitedTenants: string[] = [];
  let functions = 0;
  for (const { name } of await store.tenants()) {
    const { items } = await store.functions(name, { limit: PAGE });
    functions += items.length;
    const record = own.find(({ tenant, keyId }) => tenant === name && keyId === null);
    if (items.length > 0 && !rated(record?.limits ?? limits)) unlimitedTenants.push(name);
  }
  return { functions, unlimitedTenants };
}

async function diskOf(folder: string): Promise<DiskFacts | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

/** Linux alone tells it to a process. */
function openFiles(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
