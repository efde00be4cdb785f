import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createActivities } from '../activities/activities';
import { priceTableOf } from '../core/cost/cost-settings';
import { machinePrices } from '../core/cost/price-presets';
import { bandwidthBetween } from '../core/network/bandwidth';
import { runSpecOf } from '../core/function/run-spec-of';
import { ThreadCostAdvisor } from '../drivers/advisor/thread/thread-cost-advisor';
import { ThreadCourtRunner } from '../drivers/court/thread/thread-court-runner';
import { SharedAuthority } from '../drivers/certificates/shared-authority';
import { CtsaArimaFitter } from '../drivers/arima/ctsa/ctsa-arima-fitter';
import { createRegisteredCluster } from '../drivers/cluster/registered/registered-cluster';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { RestKubernetesApi } from '../drivers/kubernetes/rest/rest-kubernetes-api';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { SecretVault } from '../drivers/secrets/secret-vault';
import { openPostgresStore } from '../drivers/store/postgres';
import { ThreadPlacementPlanner } from '../drivers/planner/thread/thread-placement-planner';
import { ThreadTrainer } from '../drivers/trainer/thread/thread-trainer';
import { HttpWebhookSender } from '../drivers/webhook/http/http-webhook-sender';
import { createTemporalWorkflowStarter } from '../gateway/api/temporal-workflow-starter';
import { ActivityTraces } from './control/activity-traces';
import { gatewayRegion, loadConfig, retentionDays, type Config } from './config';
import { certifiedCluster } from './certified-cluster';
import { AgentClients } from './control/agent-clients';
import { CertificateWatch } from './control/certificate-watch';
import { ForecastService } from './control/forecast/forecast-service';
import { KubernetesControl } from './control/kubernetes-control';
import { NodeWatch } from './control/node-watch';
import { startObjectController } from './control/kubernetes/start-object-controller';
import { ensureSchedules } from './control/schedules';
import { WarmingService } from './control/warming/warming-service';
import { deploymentOptions, VersionLife, workerVersion } from './control/worker-version';
import { ensureWorkflowBundle } from './control/workflow-bundle';
import { agentClientOf, declaredNodes } from './platform-network';
import { openHealthDoor } from './health-door';
import { openTracer } from './open-tracer';
import { openProcessLog } from './process-log';
import { processMetrics } from './process-metrics';
import { stopSignal } from './stop-signal';
import { temporalAccess, type TemporalAccess } from './temporal-access';

const RECONNECT_MS = 500;
const TRACE_GRACE_MS = 1_000;

/** The control worker: runs workflows and activities until it is told to stop. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const log = openProcessLog('control', config.log.level);
  const temporalLog = new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) => {
    log[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message);
  });
  // Told to stop, a worker may have to finish first what only its build can.
  Runtime.install({ logger: temporalLog, shutdownSignals: [] });

  const store = openPostgresStore(config.postgres.url ?? '');
  const images = createLocalImageStore(path.join(config.dataDir, 'blobs'));
  const vault = new SecretVault(store, await ensureMasterKeyring(config.dataDir, config.secrets));
  const authority = new SharedAuthority({ store, vault, dataDir: config.dataDir });
  const registered = certifiedCluster(createRegisteredCluster(store, declaredNodes(config)), authority, log);
  const metrics = processMetrics('control');
  const api = await openKubernetes(config, metrics);
  const kubernetes = api && config.cluster === 'kubernetes' ? new KubernetesControl(api, config, store, log) : null;
  const cluster = kubernetes?.clusterOf(registered) ?? registered;
  const tracer = openTracer(config, 'control', hostname(), log);
  const traces = tracer && new ActivityTraces(tracer);
  const agents = new AgentClients(cluster, (node) => agentClientOf(config, node, traces?.traceparent));
  const trainer = new ThreadTrainer(config.forecast.engine, (line) => log.info(line));
  const arima = new CtsaArimaFitter();
  const court = new ThreadCourtRunner();
  const advisor = new ThreadCostAdvisor();
  const planner = new ThreadPlacementPlanner();
  const prices = priceTableOf(config.cost);
  const chargedGbSecond = Math.max(...Object.values(prices.tiers).map(({ gbSecondFrozen }) => gbSecondFrozen));
  const warmth = new WarmingService({ store, log, now: () => Date.now(), ...config.warming, chargedGbSecond });
  const activities = createActivities({
    store,
    warmth,
    images,
    trainer,
    arima,
    court,
    advisor,
    planner,
    placement: config.placement,
    platform: {
      prices: config.warming.prices,
      policy: config.warming.policy,
      lingerMs: config.agent.linger,
      node: {
        imageBytes: config.agent.images,
        cores: availableParallelism(),
        parallelRestores: config.agent.parallelRestores,
        parallelColdStarts: config.agent.parallelColdStarts,
        canFreeze: true,
      },
    },
    costs: {
      machine: machinePrices(config.cost.machine),
      autoApply: config.cost.autoApply,
    },
    cluster,
    secrets: vault.read,
    webhooks: new HttpWebhookSender({
      timeoutMs: config.budgets.webhookTimeout,
      allowPrivate: config.budgets.privateWebhooks,
    }),
    prices,
    gateways: config.gateway.processes,
    network: config.network,
    bandwidth: (region) => bandwidthBetween(config.network, gatewayRegion(config), region),
    agent: (name) => agents.of(name),
    runSpec: async (revision) =>
      runSpecOf(
        revision,
        await vault.read(
          revision.tenant,
          revision.manifest.spec.secrets.map((secret) => secret.name),
        ),
      ),
    now: () => Date.now(),
    retention: {
      checkpointsMs: config.retention.checkpoints,
      days: retentionDays(config),
      forecastModelDays: config.retention.forecastModelDays,
    },
  });

  const { namespace, taskQueue, versioning } = config.temporal;
  const access = temporalAccess(config);
  const { address } = access;
  const version = workerVersion(config);
  const [connection, codePath] = await Promise.all([
    connect(access, log),
    ensureWorkflowBundle(path.dirname(__dirname), temporalLog, version !== null),
  ]);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities,
    workflowBundle: { codePath },
    ...(traces ? { sinks: traces.sinks, interceptors: { activity: [traces.interceptors] } } : {}),
    // A killed worker must not hold its workflows back: short stickiness, and heartbeats as fresh as they are sent.
    stickyQueueScheduleToStartTimeout: '1 second',
    maxHeartbeatThrottleInterval: '100 milliseconds',
    defaultHeartbeatThrottleInterval: '100 milliseconds',
    shutdownGraceTime: '2 seconds',
    ...deploymentOptions(version),
  });
  const client = new Client({ connection, namespace });
  await ensureSchedules(client, taskQueue, config.placement.interval);
  const workflows = createTemporalWorkflowStarter(client, taskQueue);
  const forecasts = new ForecastService({
    store,
    images,
    log,
    now: () => new Date(),
    retrain: async (tenant, name) => {
      await workflows.startRetrain({ tenant, functions: [name], reason: 'drift' });
    },
  });
  await forecasts.start();
  warmth.start();
  const watch = new NodeWatch({ store, log, lost: (node) => workflows.startDrain({ node, reason: 'node-lost' }) });
  watch.start();
  kubernetes?.follow((node, why) => workflows.startDrain({ node, why }));
  const objects = await startObjectController(config.objects, api, {
    store,
    images,
    workflows,
    prices,
    cluster,
    agent: (name) => agents.of(name),
    now: () => Date.now(),
    log,
  });
  const notReady = (): string | null => {
    const state = worker.getState();
    return state === 'RUNNING' ? null : `is ${state}`;
  };
  const health = await openHealthDoor(config.health, notReady, metrics);
  const certificates = new CertificateWatch({
    store,
    log,
    authority: () => authority.find(),
    renewOwn: () => authority.renew(),
    agent: (name) => agents.of(name),
    declared: new Set(config.nodes.map(({ name }) => name)),
    now: () => new Date(),
  });
  certificates.start();
  const life = version ? new VersionLife(client, namespace, version, log) : null;
  void stopSignal().then(async () => {
    const left = (await life?.drain(versioning.drain)) ?? 0;
    if (left > 0) log.warn({ event: 'control.left', left, ...version }, 'Workflows of this build are left unfinished');
    worker.shutdown();
  });
  if (versioning.promote === 'auto') void life?.promote();
  log.info({ event: 'control.ready', address, taskQueue, build: version?.buildId }, 'control worker is ready');
  try {
    await worker.run();
    log.info({ event: 'control.stopped' }, 'control worker has stopped');
  } finally {
    await forecasts.stop();
    await warmth.stop();
    await watch.stop();
    await objects?.stop();
    await kubernetes?.close();
    await api?.close();
    await certificates.stop();
    await Promise.all([trainer.close(), arima.close(), court.close(), advisor.close(), planner.close()]);
  }
  agents.close();
  await tracer?.close(TRACE_GRACE_MS);
  await connection.close();
  await store.close();
  await health.close();
}

/** One client for all that asks the API server. @throws PlatformError invalid_argument when no way there is given; it may be away */
async function openKubernetes(config: Config, metrics: Registry): Promise<RestKubernetesApi | null> {
  if (config.cluster !== 'kubernetes' && !config.objects.enabled) return null;
  return RestKubernetesApi.open(config.kubernetes, metrics);
}

/** Waits for the server as long as it takes: the supervisor starts everything at once. */
async function connect(access: TemporalAccess, log: Logger): Promise<NativeConnection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await NativeConnection.connect(access);
    } catch (error) {
      if (attempt % 20 === 0)
        log.warn(
          { event: 'control.waiting', address: access.address, reason: String(error) },
          'Temporal does not answer yet',
        );
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(
      `${JSON.stringify({ level: 60, event: 'control.failed', msg: error instanceof Error ? error.stack : String(error) })}\n`,
    );
    process.exitCode = 1;
  });
}
