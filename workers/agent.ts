import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { createCheckpointStore } from '../agent/checkpoint/checkpoint-store';
import { unmountImages } from '../agent/checkpoint/images-mount';
import { createCodeStore, type CodeStore } from '../agent/code/code-store';
import { NodeAgent } from '../agent/node-agent';
import { serveAgent } from '../agent/rpc/agent-server';
import { PlatformError } from '../core/error/platform-error';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { openPostgresStore } from '../drivers/store/postgres';
import type { Store } from '../drivers/store/store';
import { chooseDriver } from './agent/choose-driver';
import { goAheadOfFunctions } from './own-priority';
import { agentAddress, loadConfig, type Config } from './config';
import { openProcessLog } from './process-log';

const MEMORY_SHARE = 0.75;
const DRAIN_MS = 5_000;
const STORE_PAUSE_MS = 1_000;
const PRUNE_EVERY_MS = 3600_000;

/** The agent of one node, `PRESAGE_NODE` or the first of the configuration, until it is told to stop. */
export async function main(): Promise<void> {
  goAheadOfFunctions();
  const config = loadConfig();
  const node = findNode(config);
  const log = openProcessLog(`agent-${node.name}`, config.log.level);
  const stop = stopSignal();
  const stateDir = path.join(config.dataDir, 'nodes', node.name);
  const imagesDir = path.join(config.runDir, node.name, 'images');
  await Promise.all([
    mkdir(stateDir, { recursive: true, mode: 0o700 }),
    // Functions of other users walk through it to their sockets.
    mkdir(path.dirname(imagesDir), { recursive: true, mode: 0o711 }),
  ]);

  const openedAt = Date.now();
  const store = openPostgresStore(config.postgres.url ?? '', { log });
  const images = createLocalImageStore(path.join(config.dataDir, 'blobs'));
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
  const driver = await chooseDriver(config, node.name, log);
  const agent = await NodeAgent.open({
    node,
    driver,
    code,
    checkpoints,
    sink: store,
    log,
    stateDir,
    memoryBytes: config.agent.memory ?? Math.floor(totalmem() * MEMORY_SHARE),
    lingerMs: config.agent.linger,
    parallelRestores: config.agent.parallelRestores,
    parallelColdStarts: config.agent.parallelColdStarts,
    blanks: config.agent.blanks,
  });
  const address = agentAddress(config, node);
  const server = await serveAgent(address, agent, log, config.agent.tls);
  log.info({ event: 'agent.ready', node: node.name, address, driver: driver.name }, 'the agent is ready');
  void reconcile(agent, store, node.name, openedAt, log);
  const pruning = setInterval(() => void prune(agent, code, log), PRUNE_EVERY_MS);

  const signal = await stop;
  log.info({ event: 'agent.stopping', signal }, 'the agent stops');
  clearInterval(pruning);
  const drained = await agent.drain({ deadlineMs: DRAIN_MS }, 'stopped');
  await server.close();
  await agent.close({ destroyAll: true });
  await unmountImages(imagesDir);
  await store.close();
  log.info({ event: 'agent.stopped', ...drained }, 'the agent has stopped');
}

function findNode(config: Config): Config['nodes'][number] {
  const wanted = process.env['PRESAGE_NODE'];
  const node = wanted ? config.nodes.find(({ name }) => name === wanted) : config.nodes[0];
  if (node) return node;
  throw new PlatformError('invalid_argument', `There is no node "${wanted}" in the configuration`, {
    hint: `PRESAGE_NODE is one of ${config.nodes.map(({ name }) => name).join(', ')}.`,
  });
}

/** Closes the rows of instances that did not outlive the agent before; waits for the store as long as it takes. */
async function reconcile(agent: NodeAgent, store: Store, node: string, openedAt: number, log: Logger): Promise<void> {
  for (;;) {
    try {
      agent.reconcile(await store.instances({ node, live: true }), openedAt);
      return;
    } catch (error) {
      log.warn({ event: 'agent.store-away', error: String(error) }, 'the store does not answer yet');
      await new Promise<void>((resolve) => void setTimeout(resolve, STORE_PAUSE_MS).unref());
    }
  }
}

async function prune(agent: NodeAgent, code: CodeStore, log: Logger): Promise<void> {
  try {
    const removed = await code.prune(agent.codeInUse());
    if (removed > 0) log.info({ event: 'agent.pruned', removed }, 'unpacked code that nothing runs from was removed');
  } catch (error) {
    log.warn({ event: 'agent.prune-failed', error: String(error) }, 'unpacked code could not be removed');
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

if (require.main === module) {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      const msg = error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${JSON.stringify({ level: 60, event: 'agent.failed', msg })}\n`);
      process.exit(1);
    },
  );
}
