import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { createCheckpointStore } from '../agent/checkpoint/checkpoint-store';
import { unmountImages } from '../agent/checkpoint/images-mount';
import { createCodeStore, type CodeStore } from '../agent/code/code-store';
import { NodeAgent } from '../agent/node-agent';
import { NodeHeartbeat } from '../agent/node-heartbeat';
import { InstanceRelay } from '../agent/relay/instance-relay';
import { serveAgent } from '../agent/rpc/agent-server';
import { priceTableOf } from '../core/cost/cost-settings';
import { warmthPricing } from '../core/cost/warmth/warmth-pricing';
import { AgentTraces } from '../agent/rpc/agent-traces';
import { PlatformError } from '../core/error/platform-error';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { pricedSink } from '../drivers/store/priced-sink';
import { openPostgresStore } from '../drivers/store/postgres';
import { chooseDriver } from './agent/choose-driver';
import { reconcileInstances } from './agent/reconcile-instances';
import { goAheadOfFunctions } from './own-priority';
import { agentAddress, loadConfig, type Config } from './config';
import { openHealthDoor } from './health-door';
import { heldSpool } from './held-spool';
import { capacityOf, relayOf } from './node-settings';
import { imagesFrom } from './platform-network';
import { openTracer } from './open-tracer';
import { ownVersion } from './own-version';
import { openProcessLog } from './process-log';
import { runToEnd } from './run-to-end';
import { processMetrics } from './process-metrics';
import { stopSignal } from './stop-signal';

const DRAIN_MS = 5_000;
const PRUNE_EVERY_MS = 3600_000;
const TRACE_GRACE_MS = 1_000;

/** The agent of one node, `PRESAGE_NODE` or the first of the configuration, until it is told to stop. */
export async function main(): Promise<void> {
  goAheadOfFunctions();
  const config = loadConfig();
  const node = findNode(config);
  const log = openProcessLog(`agent-${node.name}`, config.log.level);
  const stop = stopSignal('ignored');
  const stateDir = path.join(config.dataDir, 'nodes', node.name);
  const imagesDir = path.join(config.runDir, node.name, 'images');
  await Promise.all([
    mkdir(stateDir, { recursive: true, mode: 0o700 }),
    // Functions of other users walk through it to their sockets.
    mkdir(path.dirname(imagesDir), { recursive: true, mode: 0o711 }),
  ]);

  const openedAt = Date.now();
  const store = openPostgresStore(config.postgres.url ?? '', { log });
  const prices = priceTableOf(config.cost);
  const images = imagesFrom(createLocalImageStore(path.join(config.dataDir, 'blobs')), config, node.region);
  const masterKeys = await ensureMasterKeyring(config.dataDir, config.secrets);
  const code = createCodeStore({ dir: path.join(stateDir, 'code'), images });
  const checkpoints = await createCheckpointStore({
    imagesDir,
    images,
    masterKey: masterKeys.current,
    previousMasterKeys: masterKeys.previous,
    maxBytes: config.agent.images,
    log,
    now: Date.now,
  });
  const capacity = capacityOf(node, config.nodes, config.agent.memory);
  const driver = await chooseDriver(config, node.name, log);
  const { tls } = config.agent;
  const relayAddress = relayOf(node, tls);
  const relay = tls && relayAddress && new InstanceRelay({ address: relayAddress, tls, log });
  const agent = await NodeAgent.open({
    node,
    driver,
    code,
    checkpoints,
    sink: { ...store, ...pricedSink(store, prices) },
    log,
    version: ownVersion().version,
    stateDir,
    memoryBytes: capacity.memoryBytes,
    slots: capacity.slots,
    cores: Math.max(1, Math.round(capacity.cpuMillis / 1000)),
    ...(relay ? { relay } : {}),
    lingerMs: config.agent.linger,
    parallelRestores: config.agent.parallelRestores,
    parallelColdStarts: config.agent.parallelColdStarts,
    blanks: config.agent.blanks,
    waitSecondPrice: config.warming.prices.waitSecond,
    warmth: warmthPricing(prices, node.tier),
    heldSpool: heldSpool(path.join(stateDir, 'held'), log),
  });
  const address = agentAddress(config, node);
  // Before a gateway can be given an instance, the way to it is open.
  await relay?.listen((gatewayId, instanceId) => agent.relayed(gatewayId, instanceId));
  const tracer = openTracer(config, 'agent', node.name, log);
  const server = await serveAgent(address, agent, log, tls, tracer && new AgentTraces(tracer, node.name));
  log.info({ event: 'agent.ready', node: node.name, address, driver: driver.name }, 'the agent is ready');
  const { name, tier, region, labels } = node;
  const heartbeat = new NodeHeartbeat({
    beat: { name, tier, region, address, labels, capacity, incarnation: randomUUID() },
    store,
    follow: (intent) => agent.follow(intent),
    event: (event) => void store.writeEvents([event]).catch(() => undefined),
    log,
  });
  void reconcileInstances(agent, store, node.name, openedAt, log);
  const pruning = setInterval(() => void prune(agent, code, log), PRUNE_EVERY_MS);
  let stopping = false;
  const metrics = config.health && processMetrics('agent');
  const health = await openHealthDoor(config.health, () => (stopping ? 'is stopping' : null), metrics);

  const signal = await stop;
  stopping = true;
  log.info({ event: 'agent.stopping', signal }, 'the agent stops');
  clearInterval(pruning);
  const drained = await agent.drain({ deadlineMs: DRAIN_MS }, 'stopped');
  await server.close();
  await relay?.close();
  await heartbeat.stop();
  await agent.close({ destroyAll: true });
  await unmountImages(imagesDir);
  await tracer?.close(TRACE_GRACE_MS);
  await store.close();
  await health.close();
  log.info({ event: 'agent.stopped', ...drained }, 'the agent has stopped');
}

function findNode(config: Config): Config['nodes'][number] {
  const wanted = process.env['PRESAGE_NODE'];
  const node = wanted ? config.nodes.find(({ name }) => name === wanted) : config.nodes[0];
  if (node) return node;
  const names = config.nodes.map(({ name }) => name).join(', ');
  throw new PlatformError(
    'invalid_argument',
    wanted ? `There is no node "${wanted}" in the configuration` : 'The configuration names no node',
    { hint: names ? `PRESAGE_NODE is one of ${names}.` : 'An agent needs its own: nodes: [{ name: … }].' },
  );
}

async function prune(agent: NodeAgent, code: CodeStore, log: Logger): Promise<void> {
  try {
    const removed = await code.prune(agent.codeInUse());
    if (removed > 0) log.info({ event: 'agent.pruned', removed }, 'unpacked code that nothing runs from was removed');
  } catch (error) {
    log.warn({ event: 'agent.prune-failed', error: String(error) }, 'unpacked code could not be removed');
  }
}

if (require.main === module) runToEnd('agent', main);
