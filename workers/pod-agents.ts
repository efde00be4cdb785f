import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { createCheckpointStore } from '../agent/checkpoint/checkpoint-store';
import { createCodeStore } from '../agent/code/code-store';
import { createLocalImageStore } from '../drivers/image-store/local/local-image-store';
import { RestKubernetesApi } from '../drivers/kubernetes/rest/rest-kubernetes-api';
import { CheckpointImages, folderArchives } from '../drivers/sandbox/kubernetes/checkpoint-images';
import { CodeDoor } from '../drivers/sandbox/kubernetes/code-door';
import { CodeTokens } from '../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../drivers/sandbox/kubernetes/kubernetes-driver';
import { FunctionImages } from '../drivers/sandbox/kubernetes/function-images';
import { OciRegistry } from '../drivers/sandbox/kubernetes/oci-registry';
import { PodBook } from '../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../drivers/sandbox/kubernetes/pod-calls';
import { PodLogs } from '../drivers/sandbox/kubernetes/pod-logs';
import { ensureReseed } from '../drivers/sandbox/runc/setup/ensure-reseed';
import { ensureRuntimeFiles } from '../drivers/sandbox/runtime-files';
import { ensureMasterKeyring } from '../drivers/secrets/master-keyring';
import { openPostgresStore } from '../drivers/store/postgres';
import { cacheDir } from './cache-dir';
import { loadConfig, type Config } from './config';
import { openHealthDoor } from './health-door';
import { PodAgents } from './pods/pod-agents';
import { PodNodes } from './pods/pod-nodes';
import { openTracer } from './open-tracer';
import { openProcessLog } from './process-log';
import { runToEnd } from './run-to-end';
import { processMetrics } from './process-metrics';
import { stopSignal } from './stop-signal';

const PRUNE_EVERY_MS = 3600_000;
const TRACE_GRACE_MS = 1_000;
const NO_REGISTRY = 'kubernetes.pods.checkpoints.registry names no registry for checkpoint images';

/** The agents of all nodes that run functions as pods, until it is told to stop; the pods go on without it. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const log = openProcessLog('pod-agents', config.log.level);
  const stop = stopSignal('ignored');
  const { pods, tierLabel, regionLabel, drainTaints } = config.kubernetes;
  const home = path.join(config.dataDir, 'pod-nodes');
  await mkdir(home, { recursive: true, mode: 0o700 });

  const metrics = processMetrics('pod-agents');
  const api = await RestKubernetesApi.open(config.kubernetes, metrics);
  const store = openPostgresStore(config.postgres.url ?? '', { log });
  const images = createLocalImageStore(path.join(config.dataDir, 'blobs'));
  const masterKeys = await ensureMasterKeyring(config.dataDir, config.secrets);
  const code = createCodeStore({ dir: path.join(home, '.code'), images });
  const checkpoints = await createCheckpointStore({
    imagesDir: path.join(home, '.images'),
    images,
    masterKey: masterKeys.current,
    previousMasterKeys: masterKeys.previous,
    maxBytes: config.agent.images,
    log,
    now: Date.now,
    // What is kept there are names of images, not memory.
    mount: false,
  });

  const tokens = new CodeTokens(masterKeys.current);
  const door = await CodeDoor.open({
    host: pods.code.host,
    port: pods.code.port,
    tokens,
    codeDir: (digest) => code.dir(digest, 'layer'),
    runtimesDir: await ensureRuntimeFiles(cacheDir(), null),
    reseed: await reseedAddon(log),
    log,
  });
  const codeUrl = `${pods.code.url ?? `http://${pods.agents.host ?? '127.0.0.1'}:${door.port}`}/code`;
  const calls = new PodCalls(api, { ...pods, codeUrl });
  const book = new PodBook();
  await book.keep(api, pods.namespace, (error) => log.warn({ err: error }, 'the pods cannot be watched'));
  const registry = registryOf(config);
  const checkpointImages = registry && new CheckpointImages(registry, folderArchives(pods.checkpoints.folder));
  const functionImages = registry && new FunctionImages(registry);
  const logs = pods.logs === 'follow' ? new PodLogs(api, pods.namespace, log) : null;

  const tracer = openTracer(config, 'agent', 'pod-agents', log);
  const agents = new PodAgents({
    config,
    store,
    tracer,
    code,
    checkpoints,
    log,
    driverOn: ({ name, tolerations }, stateDir) =>
      createKubernetesDriver({
        node: { name, tolerations },
        calls,
        book,
        tokens,
        checkpoints: checkpointImages,
        noCheckpoints: NO_REGISTRY,
        functionImages,
        logs,
        stateDir,
        log,
      }),
  });
  const nodes = new PodNodes({
    ...{ api, tierLabel, regionLabel, drainTaints },
    onChange: (hosts) => agents.follow(hosts),
    onError: (error) => log.warn({ err: error }, 'the nodes cannot be watched'),
  });
  const pruning = setInterval(() => {
    code.prune(agents.codeInUse()).catch((error: unknown) => log.warn({ err: error }, 'code could not be removed'));
  }, PRUNE_EVERY_MS);
  let stopping = false;
  const health = await openHealthDoor(config.health, () => (stopping ? 'is stopping' : null), metrics);
  log.info(
    { event: 'pod-agents.ready', api: api.url, namespace: pods.namespace, codeUrl },
    'functions may run as pods',
  );

  const signal = await stop;
  stopping = true;
  log.info({ event: 'pod-agents.stopping', signal }, 'the pods go on; the next process takes them over');
  clearInterval(pruning);
  await nodes.stop();
  await agents.close();
  await door.close();
  await checkpoints.close();
  await api.close();
  await store.close();
  await tracer?.close(TRACE_GRACE_MS);
  await health.close();
}

function registryOf({ kubernetes }: Config): OciRegistry | null {
  const { registry, registryUrl, username, passwordFile } = kubernetes.pods.checkpoints;
  if (registry === undefined) return null;
  const password = passwordFile === undefined ? undefined : readFileSync(passwordFile, 'utf8').trim();
  return new OciRegistry({ prefix: registry, url: registryUrl, username, password });
}

/** Without it Node.js functions cannot be checkpointed, and run all the same. */
async function reseedAddon(log: Logger): Promise<string | null> {
  try {
    return await ensureReseed(cacheDir(), (line) => log.info(line));
  } catch (error) {
    log.warn({ err: error }, 'the addon that re-seeds restored Node.js processes could not be built');
    return null;
  }
}

if (require.main === module) runToEnd('pod-agents', main);
