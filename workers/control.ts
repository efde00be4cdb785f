import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/activities';
import { createAgentClient, type AgentClient } from '../agent/rpc/agent-client';
import { PlatformError } from '../core/error/platform-error';
import { runSpecOf } from '../core/function/run-spec-of';
import { ThreadCourtRunner } from '../drivers/court/thread/thread-court-runner';
import { CtsaArimaFitter } from '../drivers/arima/ctsa/ctsa-arima-fitter';
import { createStaticCluster } from '../drivers/cluster/static/static-cluster';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { SecretVault } from '../drivers/secrets/secret-vault';
import { openPostgresStore } from '../drivers/store/postgres';
import { ThreadTrainer } from '../drivers/trainer/thread/thread-trainer';
import { createTemporalWorkflowStarter } from '../gateway/api/temporal-workflow-starter';
import { agentAddress, loadConfig, retentionDays } from './config';
import { ForecastService } from './control/forecast/forecast-service';
import { ensureSchedules } from './control/schedules';
import { WarmingService } from './control/warming/warming-service';
import { ensureWorkflowBundle } from './control/workflow-bundle';
import { openProcessLog } from './process-log';

const RECONNECT_MS = 500;

/** The control worker: runs workflows and activities until it is told to stop. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const log = openProcessLog('control', config.log.level);
  const temporalLog = new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) => {
    log[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message);
  });
  Runtime.install({ logger: temporalLog, shutdownSignals: ['SIGTERM', 'SIGINT'] });

  const store = openPostgresStore(config.postgres.url ?? '');
  const images = createLocalImageStore(path.join(config.dataDir, 'blobs'));
  const secrets = new SecretVault(store, await ensureMasterKeyring(config.dataDir, config.secrets)).read;
  const cluster = createStaticCluster(config.nodes.map((node) => ({ ...node, address: agentAddress(config, node) })));
  const trainer = new ThreadTrainer(config.forecast.engine, (line) => log.info(line));
  const arima = new CtsaArimaFitter();
  const court = new ThreadCourtRunner();
  const clients = new Map<string, AgentClient>();
  const warmth = new WarmingService({ store, log, now: () => Date.now(), ...config.warming });
  const activities = createActivities({
    store,
    warmth,
    images,
    trainer,
    arima,
    court,
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
    cluster,
    agent: async (name) => {
      const node = (await cluster.nodes()).find((candidate) => candidate.name === name);
      if (!node) throw new PlatformError('not_found', `There is no node "${name}"`);
      const client = clients.get(name) ?? createAgentClient(node.address, config.agent.tls);
      clients.set(name, client);
      return client;
    },
    runSpec: async (revision) =>
      runSpecOf(
        revision,
        await secrets(
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

  const { namespace, taskQueue, port } = config.temporal;
  const address = config.temporal.address ?? `127.0.0.1:${port}`;
  const [connection, codePath] = await Promise.all([
    connect(address, log),
    ensureWorkflowBundle(path.dirname(__dirname), temporalLog),
  ]);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities,
    workflowBundle: { codePath },
    // A killed worker must not hold its workflows back: short stickiness, and heartbeats as fresh as they are sent.
    stickyQueueScheduleToStartTimeout: '1 second',
    maxHeartbeatThrottleInterval: '100 milliseconds',
    defaultHeartbeatThrottleInterval: '100 milliseconds',
    shutdownGraceTime: '2 seconds',
  });
  const client = new Client({ connection, namespace });
  await ensureSchedules(client, taskQueue);
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
  log.info({ event: 'control.ready', address, taskQueue }, 'control worker is ready');
  try {
    await worker.run();
    log.info({ event: 'control.stopped' }, 'control worker has stopped');
  } finally {
    await forecasts.stop();
    await warmth.stop();
    await Promise.all([trainer.close(), arima.close(), court.close()]);
  }
  for (const agent of clients.values()) agent.close();
  await connection.close();
  await store.close();
}

/** Waits for the server as long as it takes: the supervisor starts everything at once. */
async function connect(address: string, log: Logger): Promise<NativeConnection> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (attempt % 20 === 0)
        log.warn({ event: 'control.waiting', address, reason: String(error) }, 'Temporal does not answer yet');
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
