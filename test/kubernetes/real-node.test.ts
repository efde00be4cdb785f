import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { freePort } from '../../bench/harness/platform';
import { LocalKubernetes } from '../../bench/kubernetes/local-kubernetes';
import type { RunSpec } from '../../core/function/run-spec';
import { DEPLOYMENTS, NAMESPACES, PODS } from '../../drivers/kubernetes/resources';
import type { RestKubernetesApi } from '../../drivers/kubernetes/rest/rest-kubernetes-api';
import { CheckpointImages, folderArchives } from '../../drivers/sandbox/kubernetes/checkpoint-images';
import { CodeDoor } from '../../drivers/sandbox/kubernetes/code-door';
import { CodeTokens } from '../../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../../drivers/sandbox/kubernetes/kubernetes-driver';
import { OciRegistry } from '../../drivers/sandbox/kubernetes/oci-registry';
import { PodBook } from '../../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../../drivers/sandbox/kubernetes/pod-calls';
import { PodLogs } from '../../drivers/sandbox/kubernetes/pod-logs';
import { ensureReseed } from '../../drivers/sandbox/runc/setup/ensure-reseed';
import { ensureRuntimeFiles } from '../../drivers/sandbox/runtime-files';
import type { RunningSandbox, SandboxDriver, SandboxLogLine } from '../../drivers/sandbox/sandbox';
import { cacheDir } from '../../workers/cache-dir';
import { ask } from '../drivers/sandbox/ask';
import { describeSandboxContract } from '../drivers/sandbox/sandbox-contract';
import { testRunSpec } from '../drivers/sandbox/run-spec';
import { waitFor } from '../drivers/sandbox/wait-for';
import { podSettings } from '../drivers/sandbox/kubernetes/pod-settings';
import { describeFunctionAsPods } from './workers/pods/function-as-pods';
import { PodPlatform } from './support/pod-platform';
import { applyFunctionPolicies, PolicyFilter } from './real-node/policy-filter';
import { functionUser, MEASURED_EVERY_S, nodeObstacle, REAL_NODE, RealNode } from './real-node/real-node';

jest.setTimeout(300_000);

const command = promisify(execFile);

const NAMESPACE = 'functions';
const SAMPLES = path.join(__dirname, '../drivers/sandbox/contract-function');
const MINUTES = 60_000;
/** Of documentation: nobody's, so that this machine may have it for a while. */
const INTERNET = '203.0.113.7';
/** Says whether it may connect. */
const CALLS = `import socket

def handler(request):
    try:
        socket.create_connection((request.args["host"], int(request.args["port"])), 2).close()
        return "open"
    except OSError:
        return "shut"
`;
const obstacle = nodeObstacle();
if (obstacle !== null) process.stderr.write(`The test on a real Kubernetes node is left out: ${obstacle}.\n`);

const user = obstacle === null ? functionUser() : 1000;
if (user === 0)
  process.stderr.write(
    'Root lacks CAP_SYS_RESOURCE here, so functions run as user 0: CRIU cannot dump those of others.\n',
  );

(obstacle === null ? describe : describe.skip)('functions as pods of a real kubelet', () => {
  let cluster: LocalKubernetes;
  let api: RestKubernetesApi;
  let node: RealNode;
  let door: CodeDoor;
  let driver: SandboxDriver;
  let makeDriver: (stateDir: string) => Promise<SandboxDriver>;
  let folder: string;
  /** The sample function in both languages. */
  let code: string;
  const lines: SandboxLogLine[] = [];
  const exits: { id: string; code: number | null; outOfMemory: boolean }[] = [];
  let ids = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'presage-real-'));
    code = path.join(folder, 'code');
    await mkdir(code);
    for (const name of ['node/index.js', 'python/main.py'])
      await copyFile(path.join(SAMPLES, name), path.join(code, path.basename(name)));
    await writeFile(path.join(code, 'calls.py'), CALLS);
    cluster = await LocalKubernetes.start({ nodes: [] });
    api = await cluster.api();
    await api.create(NAMESPACES, {
      metadata: {
        name: NAMESPACE,
        labels: { 'pod-security.kubernetes.io/enforce': user === 0 ? 'baseline' : 'restricted' },
      },
    });
    node = await RealNode.start(cluster, api);
    const tokens = new CodeTokens(Buffer.alloc(32, 1));
    const log = pino({ level: 'warn' }, pino.destination(2));
    door = await CodeDoor.open({
      host: '0.0.0.0',
      port: 0,
      tokens,
      codeDir: () => Promise.resolve(code),
      runtimesDir: await ensureRuntimeFiles(cacheDir(), null),
      reseed: await ensureReseed(cacheDir(), () => undefined),
      log,
    });
    const registry = new OciRegistry({ prefix: `${node.registry.host}/checkpoints` });
    const calls = new PodCalls(api, {
      ...podSettings(NAMESPACE),
      images: node.images,
      annotations: node.annotations,
      user,
      dnsPolicy: 'Default',
      // The bridge's own address is the machine itself.
      codeUrl: `http://${node.gateway}:${door.port}/code`,
    });
    makeDriver = async (stateDir) => {
      const book = new PodBook();
      await book.keep(api, NAMESPACE, () => undefined);
      return createKubernetesDriver({
        ...{ node: { name: REAL_NODE, tolerations: [] }, calls, book, tokens, stateDir, log },
        checkpoints: new CheckpointImages(registry, folderArchives(node.checkpoints)),
        noCheckpoints: '',
        functionImages: null,
        measuredEveryMs: MEASURED_EVERY_S * 1_000,
        logs: new PodLogs(api, NAMESPACE, log),
      });
    };
    driver = await makeDriver(folder);
    await driver.open({
      logged: (line) => void lines.push(line),
      exited: (id, how) => void exits.push({ id, ...how }),
    });
  }, 20 * MINUTES);

  afterAll(async () => {
    await driver?.close({ destroyAll: true });
    await door?.close();
    await api?.close();
    await node?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 5 * MINUTES);

  const run = (change: Partial<RunSpec> = {}): RunSpec => testRunSpec('nodejs', { function: 'sample', ...change });

  async function start(spec: RunSpec): Promise<RunningSandbox> {
    const id = `pod${(ids += 1)}`;
    await driver.create({ id, run: spec, codeDir: code });
    return driver.start(id);
  }

  async function count(sandbox: RunningSandbox): Promise<number> {
    const [endpoint] = sandbox.endpoints;
    if (!endpoint) throw new Error('it has no endpoint');
    const answer = await ask(endpoint, '/count', { headers: { 'x-presage-instance': sandbox.id } });
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}: ${answer.text}`);
    return (JSON.parse(answer.text) as { count: number }).count;
  }

  /** A failure of CRIU says nothing without its log. */
  function tellCriu(error: unknown): never {
    throw new Error(`${String(error)}\n${node.criuWords()}`, { cause: error });
  }

  test(
    'a pod serves, is checkpointed, and another goes on from there while callers notice nothing',
    async () => {
      expect(await driver.capabilities()).toMatchObject({ checkpoint: true, restore: true, isolation: true });
      const blue = await start(run({ secretEnv: { TOKEN: 'hush' } }));
      expect([await count(blue), await count(blue), await count(blue)]).toEqual([1, 2, 3]);
      const [endpoint] = blue.endpoints;
      const asked = await ask(endpoint!, '/env?name=TOKEN', { headers: { 'x-presage-instance': blue.id } });
      expect(asked.text).toBe('hush');
      const marked = { 'x-presage-instance': blue.id, 'x-presage-invocation': 'inv-1' };
      await ask(endpoint!, '/log?text=from-the-pod', { headers: marked });
      const line = await waitFor('the line', () => lines.find(({ text }) => text === 'from-the-pod'));
      expect(line).toMatchObject({ instanceId: blue.id, invocationId: 'inv-1' });
      const used = await waitFor('figures of the kubelet', () => driver.stats(blue.id).catch(() => null), 2 * MINUTES);
      expect(used.memoryBytes).toBeGreaterThan(2 ** 20);

      const ready = await ask(endpoint!, '/_presage/before-checkpoint', {
        method: 'POST',
        headers: { 'x-presage-instance': blue.id },
      });
      expect({ status: ready.status, text: ready.text }).toEqual({ status: 200, text: 'ok' });
      const image = path.join(folder, 'checkpoint');
      const { bytes } = await driver.checkpoint(blue.id, image).catch(tellCriu);
      expect(bytes).toBeGreaterThan(2 ** 20);
      expect(await count(blue)).toBe(4);

      // Callers go on all the while: to blue, then to the one that was restored.
      let current = blue;
      let over = false;
      let served = 0;
      const failures: unknown[] = [];
      const inFlight = new Set<Promise<void>>();
      const callers = (async () => {
        while (!over) {
          const call: Promise<void> = count(current)
            .then(() => void (served += 1))
            .catch((error: unknown) => void failures.push(error))
            .finally(() => inFlight.delete(call));
          inFlight.add(call);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      const green = await driver
        .restore({ id: 'green', run: run({ secretEnv: { TOKEN: 'hush' } }), codeDir: code }, image)
        .catch(tellCriu);
      expect(await count(green)).toBe(4); // three before the checkpoint, and this one
      current = green;
      const before = served;
      await Promise.all([...inFlight]);
      await driver.destroy(blue.id);
      await waitFor('calls on the restored pod', () => served > before + 20);
      over = true;
      await callers;
      await Promise.all([...inFlight]);
      expect(failures).toEqual([]);
      expect(await count(green)).toBeGreaterThan(20);
      await driver.destroy(green.id);
      const nothing = async (): Promise<boolean> =>
        (await api.list(PODS, { namespace: NAMESPACE })).items.length === 0 &&
        (await api.list(DEPLOYMENTS, { namespace: NAMESPACE })).items.length === 0;
      await waitFor('all pods to go', nothing, MINUTES);
    },
    10 * MINUTES,
  );

  test(
    'a pod of Python goes on from its checkpoint as well',
    async () => {
      const spec = run({ runtime: 'python', handler: 'main.handler', revisionId: 'rev-python' });
      const blue = await start(spec);
      expect([await count(blue), await count(blue)]).toEqual([1, 2]);
      const marked = { 'x-presage-instance': blue.id };
      const ready = await ask(blue.endpoints[0]!, '/_presage/before-checkpoint', { method: 'POST', headers: marked });
      expect(ready.status).toBe(200);
      const image = path.join(folder, 'python-checkpoint');
      await driver.checkpoint(blue.id, image).catch(tellCriu);
      const green = await driver.restore({ id: 'green-python', run: spec, codeDir: code }, image).catch(tellCriu);
      expect(await count(green)).toBe(3);
      await Promise.all([blue, green].map(({ id }) => driver.destroy(id)));
      const manifest = `http://${node.registry.host}/v2/checkpoints/checkpoints/manifests/${path.basename(image)}`;
      expect((await fetch(manifest)).status).toBe(200);
      expect(await driver.discard?.(image)).toBeNull();
      expect((await fetch(manifest)).status).toBe(404);
    },
    5 * MINUTES,
  );

  test(
    'pods reach what the chart’s network policies let them: with egress gateways and the internet, without it their code alone',
    async () => {
      await command('ip', ['addr', 'add', `${INTERNET}/32`, 'dev', 'lo']);
      const servers = await Promise.all(['gateway', 'internet', 'stranger'].map(listening));
      const [gateway = 0, internet = 0, stranger = 0] = servers.map((server) => (server.address() as AddressInfo).port);
      const peer = (component: string) => ({
        namespace: 'presage',
        labels: { 'app.kubernetes.io/name': 'presage', 'app.kubernetes.io/instance': 'presage', 'app.kubernetes.io/component': component }, // prettier-ignore
        ports: { http: 8080 },
      });
      const targets = {
        code: { address: node.gateway, port: door.port, as: { peer: peer('pod-agents'), port: 7480 } },
        gateway: { address: node.gateway, port: gateway, as: { peer: peer('gateway'), port: 8080 } },
        internet: { address: INTERNET, port: internet, as: { peer: { address: INTERNET }, port: 443 } },
        cluster: { address: node.gateway, port: stranger, as: { peer: { address: '10.0.0.1' }, port: 443 } },
      };
      await applyFunctionPolicies(api, NAMESPACE);
      const filter = await PolicyFilter.open(api, NAMESPACE, node.subnet, Object.values(targets));
      const reached = async (sandbox: RunningSandbox): Promise<string[]> => {
        const asked = Object.entries(targets).map(async ([name, { address, port }]) => {
          const headers = { 'x-presage-instance': sandbox.id };
          const { text } = await ask(sandbox.endpoints[0]!, `/?host=${address}&port=${port}`, { headers });
          return text === 'open' ? [name] : [];
        });
        return (await Promise.all(asked)).flat();
      };
      try {
        const change = { runtime: 'python', handler: 'calls.handler', concurrency: 4 } as const;
        const [open, shut] = await Promise.all(
          (['egress', 'none'] as const).map((network) =>
            start(run({ ...change, network, revisionId: `rev-${network}` })),
          ),
        );
        expect(await reached(open!)).toEqual(['code', 'gateway', 'internet']);
        expect(await reached(shut!)).toEqual(['code']);
        await filter.close();
        // It was the policies that held it.
        expect(await reached(shut!)).toEqual(Object.keys(targets));
        await Promise.all([open!, shut!].map(({ id }) => driver.destroy(id)));
      } finally {
        await filter.close();
        await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
        await command('ip', ['addr', 'del', `${INTERNET}/32`, 'dev', 'lo']);
      }
    },
    5 * MINUTES,
  );

  test(
    'a function that ends by itself is told with its exit code',
    async () => {
      const sandbox = await start(run());
      await ask(sandbox.endpoints[0]!, '/exit', { headers: { 'x-presage-instance': sandbox.id } }).catch(
        () => undefined,
      );
      const exit = await waitFor('the exit', () => exits.find(({ id }) => id === sandbox.id), MINUTES);
      expect(exit).toMatchObject({ code: 3, outOfMemory: false });
      await driver.destroy(sandbox.id);
    },
    5 * MINUTES,
  );

  test(
    'a handler that cannot be loaded is a failed start that says why',
    async () => {
      await expect(start(run({ handler: 'nowhere.handler', revisionId: 'rev-broken' }))).rejects.toMatchObject({
        code: 'start_failed',
        message: expect.stringContaining('exited with code 78') as string,
      });
    },
    5 * MINUTES,
  );

  describe('a Function object, by way of the whole platform', () => {
    let own: PodPlatform;
    beforeAll(async () => {
      const port = await freePort();
      own = await PodPlatform.open({
        ...{ cluster, api, profile: user === 0 ? 'baseline' : 'restricted', hosts: [REAL_NODE] },
        pods: {
          PRESAGE__KUBERNETES__PODS__IMAGES: JSON.stringify(node.images),
          PRESAGE__KUBERNETES__PODS__USER: `${user}`,
          PRESAGE__KUBERNETES__PODS__DNSPOLICY: 'Default',
          PRESAGE__KUBERNETES__PODS__CODE__PORT: `${port}`,
          PRESAGE__KUBERNETES__PODS__CODE__URL: `http://${node.gateway}:${port}`,
        },
      });
    }, 5 * MINUTES);
    afterAll(() => own?.stop(), MINUTES);
    describeFunctionAsPods(
      () => own,
      'edge',
      (greeting) => `${greeting} from a pod`,
    );
  });

  describeSandboxContract('kubernetes', async () => {
    const stateDir = path.join(folder, 'contract');
    await mkdir(stateDir);
    const [first, other] = [await makeDriver(stateDir), await makeDriver(stateDir)];
    return {
      driver: first,
      another: () => other,
      codeDirs: { node: code, python: code },
      stateDirs: [stateDir],
      exceptions: {
        streams: "the kubelet keeps both of a container's streams in one log",
        figures: 'they are the kubelet’s, which measures now and then, and no processes of a container',
        clones: 'they are refreshed by the agent; a checkpoint and a restore have their own test here',
      },
      close: () => Promise.resolve(),
    };
  });
});

function listening(): Promise<Server> {
  const server = createServer((socket) => socket.end());
  return new Promise((resolve) => void server.listen(0, '0.0.0.0', () => resolve(server)));
}
