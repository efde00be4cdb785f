import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createAgentClient, type AgentClient } from '../agent/rpc/agent-client';
import type { CheckpointDueMessage } from '../agent/rpc/agent-messages';
import { validateArchive } from '../core/archive/validate-archive';
import { PlatformError } from '../core/error/platform-error';
import { assetPath } from '../drivers/asset-path';
import type { ClusterNode } from '../drivers/cluster/cluster';
import { createStaticCluster } from '../drivers/cluster/static/static-cluster';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { createLocalSpool } from '../drivers/spool/local/local-spool';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { SecretVault } from '../drivers/secrets/secret-vault';
import { createMemoryLimiter } from '../drivers/limiter/memory/memory-limiter';
import { openPostgresStore } from '../drivers/store/postgres';
import { registerAdmissionMetrics } from '../gateway/admission/admission-metrics';
import { createFrontDoor } from '../gateway/admission/front-door';
import type { ApiContext, WorkflowStarter } from '../gateway/api/api-context';
import { registerApi } from '../gateway/api/register-api';
import { lazyTemporalConnection } from '../gateway/api/temporal-connection';
import { createTemporalWorkflowStarter } from '../gateway/api/temporal-workflow-starter';
import { KeyAuthenticator } from '../gateway/auth/key-authenticator';
import { KeyUses } from '../gateway/auth/key-uses';
import { TokenAuthenticator } from '../gateway/auth/oidc/token-authenticator';
import { RequestAuthenticator } from '../gateway/auth/request-authenticator';
import { AgentLink } from '../gateway/invocation/agent-link';
import { InstanceBroker } from '../gateway/invocation/instance-broker';
import { InvocationHandler } from '../gateway/invocation/invocation-handler';
import { RouteTable } from '../gateway/invocation/route-table';
import { RunSpecSource } from '../gateway/invocation/run-spec-source';
import { createInvocationMetrics } from '../gateway/record/invocation-metrics';
import { InvocationRecorder } from '../gateway/record/invocation-recorder';
import { spooledRecord } from '../gateway/record/spooled-record';
import { createGatewayServer } from '../gateway/server';
import { agentAddress, loadConfig, type Config } from './config';
import { INSIDE_HOST } from './gateway-url';
import { goAheadOfFunctions } from './own-priority';
import { createAsyncParts } from './gateway/async-parts';
import { gatewayMember, leadGateways, leadsGateways } from './gateway/gateway-cluster';
import { gatewayName } from './gateway/gateway-name';
import { leadMetrics, sharedMetrics } from './gateway/shared-metrics';
import { openProcessLog } from './process-log';

/** Between the failing of /readyz and the closed door: who balances loads looks about this often. */
const NOTICE_MS = 300;
const ROUTES_WAIT_MS = 1_000;
const IN_FLIGHT_GRACE_MS = 30_000;
const LEASE_GRACE_MS = 3_000;
const RECORD_GRACE_MS = 5_000;

interface Node {
  readonly node: ClusterNode;
  readonly client: AgentClient;
}

/** A gateway that listens. */
export interface RunningGateway {
  readonly port: number;
  /** Invocations that run or wait now. */
  readonly inFlight: number;
  /** /readyz fails first, then the door closes, what is in flight ends, leases go back and records are written. */
  stop(): Promise<void>;
}

/**
 * Composes a gateway and lets it listen. The store, Temporal and the agents may be away: it finds them by itself.
 * @throws PlatformError conflict when the port is taken
 */
export async function startGateway(config: Config, log: Logger): Promise<RunningGateway> {
  let draining = false;
  const gateway = gatewayName(config);
  const store = openPostgresStore(config.postgres.url ?? '', { log });
  const keyring = await ensureMasterKeyring(config.dataDir, config.secrets);
  const vault = new SecretVault(store, keyring);
  const nodes = await connectNodes(config);
  const workflows = connectTemporal(config);

  const { limits, inFlight, queue } = config.gateway;
  const door = createFrontDoor({ store, limiter: createMemoryLimiter(), log, limits, inFlight, queue });
  const routes = new RouteTable(store, log, door.routesChanged);
  const keyUses = new KeyUses({ store, log });
  const { issuers } = config.auth;
  const auth = new RequestAuthenticator(
    new KeyAuthenticator(store, { used: (keyId, at) => keyUses.note(keyId, at) }),
    issuers.length > 0 ? new TokenAuthenticator(issuers, { log }) : null,
  );
  const links = nodes.map(
    ({ node, client }) =>
      new AgentLink({
        gatewayId: gateway,
        node,
        agent: client,
        log,
        checkpointDue: (message) => void startCheckpoint(workflows, node.name, message, log),
      }),
  );
  const broker = new InstanceBroker(links, new RunSpecSource(vault.read));
  const recorder: InvocationRecorder = new InvocationRecorder({
    sink: store,
    log,
    // Gateways that share the port share it too: each takes up what one that is gone has left.
    spool: createLocalSpool({
      dir: path.join(config.dataDir, 'spool', `gateway-${config.gateway.port}`),
      maxBytes: config.gateway.spool,
      parse: spooledRecord,
      log,
    }),
    observe: (records) => metrics.observe(records),
  });
  const maxBodyBytes = config.gateway.maxBody;
  const { admission, rates } = door;
  const invocationPath = {
    routes,
    broker,
    admission,
    recorder,
    log,
    maxBodyBytes,
    streamGraceMs: config.gateway.streamGrace,
    random: Math.random,
  };
  const asyncParts = createAsyncParts({
    config,
    gateway,
    store,
    routes,
    auth,
    rates,
    invocations: invocationPath,
    readSecrets: vault.read,
    masterKeys: [keyring.current, ...keyring.previous],
    log,
  });
  const invocations = new InvocationHandler({ ...invocationPath, auth, rates }, asyncParts.door);
  const metrics = createInvocationMetrics({
    inFlight: () => invocations.inFlight,
    leases: () => broker.leases,
    blankStarts: () => broker.blankStarts,
    recordsPending: () => recorder.pending,
    recordsDropped: () => recorder.dropped,
    recordsSpooledBytes: () => recorder.spooledBytes,
  });
  asyncParts.measure(metrics.registry);
  const context: ApiContext = {
    store,
    images: createLocalImageStore(path.join(config.dataDir, 'blobs')),
    workflows,
    async: asyncParts.port,
    nodes: () => nodes.map(({ node, client }) => ({ name: node.name, tier: node.tier, agent: client })),
    auth,
    validateArchive: (archive) => validateArchive(archive),
    routesReady: () => routes.ready,
    draining: () => draining,
    maxCodeBytes: config.gateway.maxCode,
    warmingPolicy: config.warming.policy,
    warmingPrices: config.warming.prices,
    vault,
    metrics: metrics.registry,
    allMetrics: gatewayMember() === undefined ? undefined : sharedMetrics(metrics.registry),
    version: ownVersion(),
    now: () => new Date(),
    log,
  };
  const server = await createGatewayServer({
    invocations,
    registerApi: (app) => registerApi(app, context),
    logger: log,
    ...(config.gateway.tls ? { tls: config.gateway.tls } : {}),
    connections: config.gateway.connections,
    headersTimeoutMs: config.gateway.headersTimeout,
  });
  const connectionsRefused = (): number => server.connectionsRefused;
  registerAdmissionMetrics(metrics.registry, { admission: door.admission, rates: door.rates, connectionsRefused });

  const letGo = async (): Promise<void> => {
    await asyncParts.stopWork(LEASE_GRACE_MS);
    await door.close();
    await broker.close(LEASE_GRACE_MS);
    await recorder.close(RECORD_GRACE_MS);
    await keyUses.close();
    await Promise.allSettled([routes.close(), asyncParts.close(), store.close()]);
    for (const { client } of nodes) client.close();
  };
  // With the routes at hand nobody is turned away; without a store the door opens all the same.
  const atHand = Promise.all([routes.open(), door.open()]);
  await Promise.race([atHand, new Promise((resolve) => setTimeout(resolve, ROUTES_WAIT_MS))]);
  const { host, tls } = config.gateway;
  const listen = (door: 'listen' | 'listenInside', at: string, wanted: number): Promise<number> =>
    server[door](at, wanted).catch(async (error: unknown) => {
      await server.close(0);
      await letGo();
      throw listenError(error, at, wanted);
    });
  if (tls) await listen('listenInside', INSIDE_HOST, tls.insidePort);
  const port = await listen('listen', host, config.gateway.port);
  recorder.open();
  await asyncParts.start();
  log.info({ event: 'gateway.ready', host, port }, 'The gateway listens');
  return {
    port,
    get inFlight() {
      return invocations.inFlight;
    },
    stop: async () => {
      draining = true;
      invocations.drain();
      await new Promise((resolve) => setTimeout(resolve, NOTICE_MS));
      await Promise.all([asyncParts.stopWork(IN_FLIGHT_GRACE_MS), server.close(IN_FLIGHT_GRACE_MS)]);
      await letGo();
    },
  };
}

/** The process: answers until it is told to stop. */
export async function main(): Promise<void> {
  goAheadOfFunctions();
  const config = loadConfig();
  const log = openProcessLog('gateway', config.log.level);
  const told = stopSignal();
  if (leadsGateways(config.gateway.processes)) {
    leadMetrics();
    await leadGateways(config.gateway.processes, told, log);
    process.exit(0);
  }
  const gateway = await startGateway(config, log);
  const signal = await told;
  log.info({ event: 'gateway.stopping', signal, inFlight: gateway.inFlight }, 'The gateway stops');
  await gateway.stop();
  log.info({ event: 'gateway.stopped' }, 'The gateway has stopped');
  process.exit(0);
}

async function connectNodes(config: Config): Promise<readonly Node[]> {
  const cluster = createStaticCluster(config.nodes.map((node) => ({ ...node, address: agentAddress(config, node) })));
  return (await cluster.nodes()).map((node) => ({ node, client: createAgentClient(node.address, config.agent.tls) }));
}

/**
 * Lazily: a gateway serves invocations also while Temporal is away. The connection is never closed but ends with the
 * process: a call that the SDK is about to repeat would find it closed and throw where nobody can catch.
 */
function connectTemporal(config: Config): WorkflowStarter {
  const { address, port, namespace, taskQueue } = config.temporal;
  const connection = lazyTemporalConnection(address ?? `127.0.0.1:${port}`, namespace);
  return createTemporalWorkflowStarter(new Client({ connection, namespace }), taskQueue);
}

/** An agent holds an instance that is worth a checkpoint. It tells again should this fail. */
async function startCheckpoint(
  workflows: WorkflowStarter,
  node: string,
  message: CheckpointDueMessage,
  log: Logger,
): Promise<void> {
  const { tenant, function: name, revision, instanceId } = message;
  try {
    await workflows.startCheckpoint({
      tenant,
      function: name,
      revision,
      instance: instanceId,
      node,
      reason: 'first request',
    });
  } catch (error) {
    log.warn({ err: error, tenant, function: name, revision, node }, 'A checkpoint that is due could not be started');
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function ownVersion(): ApiContext['version'] {
  const { version } = JSON.parse(readFileSync(assetPath('package.json'), 'utf8')) as { version: string };
  return { version, commit: process.env['PRESAGE_COMMIT'] ?? null };
}

function listenError(error: unknown, host: string, port: number): PlatformError {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  return new PlatformError(
    taken ? 'conflict' : 'invalid_argument',
    taken ? `Port ${port} on ${host} is taken` : `The gateway cannot listen on ${host}:${port}: ${String(error)}`,
    { cause: error, hint: 'Choose another: npm start -- --port PORT, or gateway.port in the configuration.' },
  );
}

if (require.main === module) {
  main().catch((error: unknown) => {
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    process.stderr.write(`${JSON.stringify({ level: 60, event: 'gateway.failed', msg: message, stack })}\n`);
    process.exit(1);
  });
}
