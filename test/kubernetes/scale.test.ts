import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { FAKE_NODES } from '../../bench/kubernetes/fake-nodes';
import { LocalKubernetes } from '../../bench/kubernetes/local-kubernetes';
import { LatencyMatrix } from '../../core/network/latency-matrix';
import { chooseTarget, withFunction, type TargetNode } from '../../core/node/choose-target';
import { TIERS } from '../../core/function/manifest';
import { createKubernetesCluster } from '../../drivers/cluster/kubernetes/kubernetes-cluster';
import { KubernetesNodes } from '../../drivers/cluster/kubernetes/kubernetes-nodes';
import { clusterType, type KubernetesObject } from '../../drivers/kubernetes/resource-type';
import { NAMESPACES, PODS } from '../../drivers/kubernetes/resources';
import type { RestKubernetesApi } from '../../drivers/kubernetes/rest/rest-kubernetes-api';
import { CodeTokens } from '../../drivers/sandbox/kubernetes/code-token';
import { createKubernetesDriver } from '../../drivers/sandbox/kubernetes/kubernetes-driver';
import { PodBook } from '../../drivers/sandbox/kubernetes/pod-book';
import { PodCalls } from '../../drivers/sandbox/kubernetes/pod-calls';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import { READING } from '../drivers/cluster/kubernetes-node-object';
import { podSettings } from '../drivers/sandbox/kubernetes/pod-settings';
import { testRunSpec } from '../drivers/sandbox/run-spec';

jest.setTimeout(900_000);

const [FUNCTIONS, INSTANCES, FIRST] = [500, 4, 20];
/** Changed at the same time, as a platform does that has many deploys under way. */
const AT_ONCE = 20;
const MEMORY = 64 * 2 ** 20;
const NAMESPACE = 'functions';
const TOLERATIONS = [{ key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' }];

const CLUSTER_ROLES = clusterType<KubernetesObject & { rules: { resources?: string[] }[] }>(
  'rbac.authorization.k8s.io/v1',
  'ClusterRole',
  'clusterroles',
);
const TELLERS = ['kube-scheduler', 'controller:deployment-controller', 'controller:replicaset-controller'].map(
  (part) => `system:${part}`,
);

let local: LocalKubernetes;
let api: RestKubernetesApi;
let stateDir: string;
/** By node. */
const drivers = new Map<string, SandboxDriver>();
const names = Array.from({ length: FUNCTIONS }, (_, index) => `fn-${index}`);
/** Node of each function. */
let plan: ReadonlyMap<string, string>;

beforeAll(async () => {
  // Twelve machines that are large enough: it is not their size that is looked at.
  local = await LocalKubernetes.start({
    nodes: FAKE_NODES.map((node) => ({ ...node, cpu: '64', memory: '256Gi', pods: 500 })),
  });
  api = await local.api();
  stateDir = await mkdtemp(path.join(tmpdir(), 'presage-scale-'));
  await api.create(NAMESPACES, { metadata: { name: NAMESPACE } });
  await Promise.all(TELLERS.map(withoutEvents));
  const book = new PodBook();
  await book.keep(api, NAMESPACE, () => undefined);
  for (const { name } of FAKE_NODES) {
    const driver = createKubernetesDriver({
      node: { name, tolerations: TOLERATIONS },
      calls: new PodCalls(api, podSettings(NAMESPACE)),
      book,
      tokens: new CodeTokens(Buffer.alloc(32, 7)),
      checkpoints: null,
      noCheckpoints: 'There is no registry here',
      functionImages: null,
      logs: null,
      stateDir: path.join(stateDir, name),
      log: pino({ level: 'silent' }),
    });
    await driver.open({ logged: () => undefined, exited: () => undefined });
    drivers.set(name, driver);
  }
});
afterAll(async () => {
  for (const driver of drivers.values()) await driver.close({ destroyAll: false });
  await api?.close();
  await local?.stop();
  if (stateDir) await rm(stateDir, { recursive: true, force: true });
});

/** Takes from a part of Kubernetes the right to write Events: of 4,000 pods they are a third of all writes, and nobody reads them here. */
async function withoutEvents(name: string): Promise<void> {
  const { rules } = await api.get(CLUSTER_ROLES, { name });
  const others = rules.filter(({ resources }) => !resources?.includes('events'));
  expect(others.length).toBeLessThan(rules.length);
  await api.patch(CLUSTER_ROLES, { name }, { rules: others });
}

/** Calls since the last look, by verb and resource, for each of so many functions. Watches end by themselves after some minutes and go on. */
let before = new Map<string, number>();
async function callsEach(functions: number): Promise<Record<string, number>> {
  const now = new Map<string, number>();
  for (const { verb, resource, count } of await api.calls.counts()) {
    if (verb === 'watch') continue;
    const key = `${verb} ${resource}`;
    now.set(key, (now.get(key) ?? 0) + count);
  }
  const made = [...now].map(([key, count]) => [key, (count - (before.get(key) ?? 0)) / functions] as const);
  before = now;
  return Object.fromEntries(made.filter(([, count]) => count > 0));
}

async function forEach(functions: readonly string[], change: (name: string) => Promise<unknown>): Promise<void> {
  const waiting = [...functions];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await change(name);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const driverOf = (name: string): SandboxDriver => drivers.get(plan.get(name) ?? '') as SandboxDriver;
const idsOf = (name: string, revision: number): readonly string[] =>
  Array.from({ length: INSTANCES }, (_, index) => `${name}r${revision}i${index}`);

async function start(name: string, revision: number): Promise<void> {
  const limits = { memoryBytes: MEMORY, cpuMillis: 100, pids: 32 };
  const run = testRunSpec('nodejs', { function: name, revisionId: `${name}-${revision}`, revision, limits });
  await Promise.all(
    idsOf(name, revision).map(async (id) => {
      await driverOf(name).create({ id, run, codeDir: '/nowhere' });
      await driverOf(name).start(id);
    }),
  );
}

async function rollOut(name: string): Promise<void> {
  await start(name, 2);
  await Promise.all(idsOf(name, 1).map((id) => driverOf(name).destroy(id)));
}

test('500 functions are placed on twelve nodes of three tiers', async () => {
  const nodes = new KubernetesNodes({ ...READING, api });
  const targets = new Map<string, TargetNode>();
  for (const node of await createKubernetesCluster(nodes, 7443).nodes())
    targets.set(node.name, { ...node, promised: { memoryBytes: 0, cpuMillis: 0, slots: 0 } });
  const distances = LatencyMatrix.of({ latency: {}, nodeLatency: {} }, []);
  const chosen = new Map<string, string>();
  names.forEach((name, index) => {
    const tier = TIERS[index % TIERS.length] ?? 'edge';
    const wanted = {
      tenant: 'default',
      function: name,
      tiers: [tier],
      memoryBytes: MEMORY * INSTANCES,
      cpuMillis: 100,
    };
    const choice = chooseTarget(wanted, { region: 'eu' }, [...targets.values()], distances);
    if (!('target' in choice)) throw new Error(`${name} finds no node`);
    chosen.set(name, choice.target.name);
    targets.set(choice.target.name, withFunction(choice.target, wanted));
  });
  plan = chosen;
  expect(new Set(chosen.values()).size).toBe(12);
  await nodes.stop();
  // However many functions: one list and one watch of nodes.
  expect(await callsEach(1)).toMatchObject({ 'list nodes': 1 });
  const watches = (await api.calls.counts()).filter(({ verb, resource }) => verb === 'watch' && resource === 'nodes');
  expect(watches.reduce((sum, { count }) => sum + count, 0)).toBe(1);
});

test('2,000 pods start there, and each function costs what the first ones cost', async () => {
  const cost = { 'create deployments': 1, 'create secrets': 1, 'create services': 1 };
  await forEach(names.slice(0, FIRST), (name) => start(name, 1));
  expect(await callsEach(FIRST)).toEqual(cost);
  await forEach(names.slice(FIRST), (name) => start(name, 1));
  expect(await callsEach(FUNCTIONS - FIRST)).toEqual(cost);
  const { items } = await api.list(PODS, { namespace: NAMESPACE });
  expect(items).toHaveLength(FUNCTIONS * INSTANCES);
  for (const { metadata, spec, status } of items) {
    expect(status?.phase).toBe('Running');
    expect(spec?.nodeName).toBe(plan.get(metadata?.labels?.['presage.dev/function'] ?? ''));
  }
  await callsEach(1);
});

test('another revision of all of them is rolled out at a constant cost, too', async () => {
  const cost = { 'create deployments': 1, 'create secrets': 1, 'create services': 1, 'delete deployments': 1 };
  await forEach(names.slice(0, FIRST), rollOut);
  expect(await callsEach(FIRST)).toEqual(cost);
  await forEach(names.slice(FIRST), rollOut);
  expect(await callsEach(FUNCTIONS - FIRST)).toEqual(cost);
  const { items } = await api.list(PODS, { namespace: NAMESPACE });
  expect(items).toHaveLength(FUNCTIONS * INSTANCES);
});
