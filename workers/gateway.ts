import path from 'node:path';
import type { Logger } from 'pino';
import { validateArchive } from '../core/archive/validate-archive';
import { masterKeyId } from '../core/crypto/data-key';
import { priceTableOf } from '../core/cost/cost-settings';
import { PriceBook } from '../core/cost/price-book';
import { priceTableId } from '../core/cost/price-table-id';
import { PlatformError } from '../core/error/platform-error';
import { assetPath } from '../drivers/asset-path';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { SecretVault } from '../drivers/secrets/secret-vault';
import { openPostgresStore } from '../drivers/store/postgres';
import { registerAdmissionMetrics } from '../gateway/admission/admission-metrics';
import { createFrontDoor } from '../gateway/admission/front-door';
import type { ApiContext } from '../gateway/api/api-context';
import { registerApi } from '../gateway/api/register-api';
import { KeyAuthenticator } from '../gateway/auth/key-authenticator';
import { KeyUses } from '../gateway/auth/key-uses';
import { TokenAuthenticator } from '../gateway/auth/oidc/token-authenticator';
import { RequestAuthenticator } from '../gateway/auth/request-authenticator';
import { CallerMarks } from '../gateway/invocation/caller-marks';
import { CallerPlaces } from '../gateway/invocation/caller-places';
import { InstanceBroker } from '../gateway/invocation/instance-broker';
import { InvocationHandler } from '../gateway/invocation/invocation-handler';
import { RouteTable } from '../gateway/invocation/route-table';
import { RunSpecSource } from '../gateway/invocation/run-spec-source';
import { createInvocationMetrics } from '../gateway/record/invocation-metrics';
import { createStoreMetrics } from '../gateway/metrics/store-metrics';
import { createGatewayServer } from '../gateway/server';
import { gatewayRegion, loadConfig, type Config } from './config';
import { INSIDE_HOST } from './gateway-url';
import { goAheadOfFunctions } from './own-priority';
import { ownVersion } from './own-version';
import { CallTraces } from '../gateway/tracing/call-traces';
import { createAsyncParts } from './gateway/async-parts';
import { createBudgetParts } from './gateway/budget-parts';
import { gatewayMember, leadGateways, leadsGateways } from './gateway/gateway-cluster';
import { gatewayName } from './gateway/gateway-name';
import { createGatewayNodes } from './gateway/gateway-nodes';
import { connectTemporal, temporalUi } from './gateway/gateway-workflows';
import { installationLook } from './gateway/installation/look-at-installation';
import { createRecordingParts, type RecordingParts } from './gateway/recording-parts';
import { createSharedLimits } from './gateway/shared-limits';
import { leadMetrics, sharedMetrics } from './gateway/shared-metrics';
import { latencyMatrix } from './platform-network';
import { openTracer } from './open-tracer';
import { openProcessLog } from './process-log';
import { stopSignal } from './stop-signal';

/** Between the failing of /readyz and the closed door: who balances loads looks about this often. */
const NOTICE_MS = 300;
const ROUTES_WAIT_MS = 1_000;
const IN_FLIGHT_GRACE_MS = 30_000;
const LEASE_GRACE_MS = 3_000;
const RECORD_GRACE_MS = 5_000;

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
  const storeMetrics = createStoreMetrics();
  const store = openPostgresStore(config.postgres.url ?? '', { log, queryEnded: (end) => storeMetrics.ended(end) });
  const tracer = openTracer(config, 'gateway', gateway, log);
  const traces = tracer && new CallTraces(tracer);
  const keyring = await ensureMasterKeyring(config.dataDir, config.secrets);
  const vault = new SecretVault(store, keyring);
  const workflows = connectTemporal(config);

  const prices = priceTableOf(config.cost);
  const priceTable = priceTableId(prices);

  const { limits, inFlight, queue } = config.gateway;
  const together = createSharedLimits(config, gateway, store, log);
  const { limiter, places } = together;
  const door = createFrontDoor({ store, limiter, places, log, limits, inFlight, queue });
  const callers = new CallerMarks(keyring.current);
  const routes = new RouteTable(store, log, (all) => {
    const known = [...all];
    book.routesChanged(known);
    door.routesChanged(known);
    callers.routesChanged(known);
  });
  const priceBook = new PriceBook([prices]);
  const flush = (): void => recording.recorder.flush();
  const { book, spent, measure } = createBudgetParts({ store, prices, priceBook, workflows, flush, log });
  const keyUses = new KeyUses({ store, log });
  const { issuers } = config.auth;
  const auth = new RequestAuthenticator(
    new KeyAuthenticator(store, { used: (keyId, at) => keyUses.note(keyId, at) }),
    issuers.length > 0 ? new TokenAuthenticator(issuers, { log }) : null,
  );
  const { nodes, authority } = await createGatewayNodes({
    config,
    gateway,
    store,
    vault,
    workflows,
    priceTable,
    traces,
    log,
  });
  const distances = latencyMatrix(config);
  const recording: RecordingParts = createRecordingParts({
    ...{ config, store, prices, priceBook, log },
    observe: (record) => metrics.observe(record),
    sealed: (batch) => book.sealed(batch),
    written: (batch) => book.written(batch),
  });
  const { recorder, rests } = recording;
  const runSpecs = new RunSpecSource(vault.read);
  const broker = new InstanceBroker(() => nodes.links, runSpecs, distances, Math.random, rests);
  const maxBodyBytes = config.gateway.maxBody;
  const { admission, rates } = door;
  const invocationPath = {
    routes,
    broker,
    placeOf: (name: string) => nodes.links.find((link) => link.name === name)?.place,
    places: new CallerPlaces(config.network, gatewayRegion(config)),
    injected: config.network.inject ? distances : undefined,
    admission,
    spent,
    recorder: recording.calls,
    callers,
    priceTable,
    traces,
    log,
    maxBodyBytes,
    pageHosts: new Set(config.gateway.pageHosts),
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
    exhausted: () => book.exhausted(),
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
    traced: traces && ((id) => traces.traceparentOf(id) !== undefined),
  });
  storeMetrics.register(metrics.registry);
  asyncParts.measure(metrics.registry);
  recording.measure(metrics.registry);
  const context: ApiContext = {
    store,
    images: createLocalImageStore(path.join(config.dataDir, 'blobs')),
    workflows,
    temporalUi: temporalUi(config),
    async: asyncParts.port,
    nodes: () => nodes.agents.map(({ node, client }) => ({ ...node, agent: client })),
    auth,
    validateArchive: (archive) => validateArchive(archive),
    routesReady: () => routes.ready,
    draining: () => draining,
    maxCodeBytes: config.gateway.maxCode,
    warmingPolicy: config.warming.policy,
    warmingPrices: config.warming.prices,
    prices,
    vault,
    installation: installationLook({ config, store, keyring, nodes: () => nodes.agents }),
    authority: () => authority.ensure(),
    masterKeyId: masterKeyId(keyring.current),
    metrics: metrics.registry,
    allMetrics: gatewayMember() === undefined ? undefined : sharedMetrics(metrics.registry),
    tracer,
    version: ownVersion(),
    console: config.gateway.console ? { folder: assetPath('dist/console'), issuers } : undefined,
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
  measure(metrics.registry);
  together.measure(metrics.registry);

  const letGo = async (): Promise<void> => {
    await asyncParts.stopWork(LEASE_GRACE_MS);
    await Promise.all([door.close(), book.close()]);
    together.close();
    await broker.close(LEASE_GRACE_MS);
    await recording.close(RECORD_GRACE_MS);
    await keyUses.close();
    await Promise.allSettled([routes.close(), asyncParts.close(), store.close()]);
    await nodes.close();
    await tracer?.close(RECORD_GRACE_MS);
  };
  // With the routes at hand nobody is turned away; without a store the door opens all the same.
  const atHand = Promise.all([routes.open(), door.open(), book.open(), nodes.open(), together.open()]);
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
  recording.open();
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
