import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { createCheckpointStore, type CheckpointStore } from '../../../agent/checkpoint/checkpoint-store';
import { unmountImages } from '../../../agent/checkpoint/images-mount';
import { createCodeStore } from '../../../agent/code/code-store';
import { requestInstance } from '../../../agent/instance/instance-request';
import { NodeAgent } from '../../../agent/node-agent';
import { createAgentClient, type AgentClient } from '../../../agent/rpc/agent-client';
import { serveAgent, type AgentServer } from '../../../agent/rpc/agent-server';
import { packFolder } from '../../../cli/pack/pack-folder';
import type { RunSpec } from '../../../core/function/run-spec';
import { assetPath } from '../../../drivers/asset-path';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import { createRuncDriver } from '../../../drivers/sandbox/runc/runc-driver';
import type { InstanceRecord } from '../../../drivers/store/store';
import { cacheDir } from '../../../workers/cache-dir';
import { directly, runSpec, TestGateway, until } from '../../agent/agent-harness';

jest.setTimeout(300_000);

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync('/dev/shm/presage-agent-');
const runDir = path.join(root, 'run');
const imagesDir = path.join(runDir, 'images');
const images = createLocalImageStore(path.join(root, 'blobs'));
const masterKey = randomBytes(32);
const rows = new Map<string, InstanceRecord>();
let agent: NodeAgent;
let checkpoints: CheckpointStore;
let server: AgentServer;
let client: AgentClient;
let gateway: TestGateway;
let run: RunSpec;
let runSpecJson: string;

async function startAgent(): Promise<void> {
  checkpoints = await createCheckpointStore({
    imagesDir,
    images,
    masterKey,
    maxBytes: 256 * 2 ** 20,
    log: QUIET,
    now: Date.now,
  });
  agent = await NodeAgent.open({
    node: { name: 'local', tier: 'central' },
    driver: createRuncDriver({
      runDir,
      cacheDir: cacheDir(),
      subnet: '10.203.0.0/16',
      slots: 4,
      gateway: null,
      log: QUIET,
    }),
    code: createCodeStore({ dir: path.join(root, 'state/code'), images }),
    checkpoints,
    sink: {
      writeEvents: () => Promise.resolve(),
      writeLogs: () => Promise.resolve(),
      writeMemoryHours: () => Promise.resolve(),
      upsertInstances: (batch) => Promise.resolve(batch.forEach((row) => rows.set(row.id, row))),
      writeHeld: () => Promise.resolve(),
    },
    log: QUIET,
    stateDir: path.join(root, 'state'),
    memoryBytes: 4 * 2 ** 30,
    lingerMs: 1_000,
    parallelRestores: 8,
    parallelColdStarts: 4,
    pingAfterMs: 2_000,
    blanks: 1,
    warmth: { pricing: 'test', prices: { gbSecondRunning: 10, gbSecondFrozen: 5 } },
  });
  server = await serveAgent(`unix:${path.join(root, 'agent.sock')}`, agent, QUIET);
}

beforeAll(async () => {
  await mkdir(runDir);
  const { digest } = await images.put(packFolder(assetPath('examples/hello-node')));
  run = runSpec('hello', {
    codeDigest: digest,
    timeouts: { startMs: 30_000, firstByteMs: 30_000, idleMs: 30_000, totalMs: 30_000 },
    checkpoint: { when: 'deploy', mapPages: true, warmUp: [{ method: 'GET', path: '/', headers: {}, times: 3 }] },
  });
  runSpecJson = JSON.stringify(run);
  await startAgent();
  client = createAgentClient(`unix:${path.join(root, 'agent.sock')}`);
  gateway = new TestGateway(client, 'gateway');
});
afterAll(async () => {
  gateway.close();
  await agent.close({ destroyAll: true });
  await server.close(0);
  client.close();
  await unmountImages(imagesDir);
  await rm(root, { recursive: true, force: true });
});

async function answers(reply: Awaited<ReturnType<TestGateway['acquire']>>): Promise<number> {
  const headers = { 'x-presage-instance': reply.instanceId };
  return (await requestInstance(directly(reply.endpoint), { method: 'GET', path: '/', headers })).status;
}

test('a deploy: template, checkpoint, seal, verify, publish; then each rung serves', async () => {
  const cold = await gateway.acquire(run, 60_000);
  expect(cold).toMatchObject({ kind: 'cold', cause: 'first' });
  expect(await answers(cold)).toBe(200);

  const { instanceId } = await client.startTemplate({ key: '1', runSpecJson, warmUp: true, deadlineMs: 60_000 });
  const { hostKey, rawBytes } = await client.checkpoint({ checkpointId: 'ck-1', instanceId, runSpecJson });
  expect(rawBytes).toBeGreaterThan(1e6);
  const { digest, sealedBytes } = await client.seal({ checkpointId: 'ck-1', runSpecJson, digest: '' });
  expect(sealedBytes).toBeLessThan(rawBytes);
  expect((await client.verify({ checkpointId: 'ck-1', runSpecJson, digest })).restoreMs).toBeGreaterThan(1);
  await client.publish({ checkpointId: 'ck-1', runSpecJson, digest, hostKey });
  await client.releaseTemplate({ instanceId, keep: false });

  const restored = await gateway.acquire(run);
  expect(restored).toMatchObject({ kind: 'restore', cause: 'burst', checkpointId: 'ck-1' });
  expect(await answers(restored)).toBe(200);
  gateway.release(restored.instanceId);
  await until('it is frozen', async () => {
    const { instances } = await client.stats();
    return instances.some((instance) => instance.instanceId === restored.instanceId && instance.state === 'frozen');
  });
  const warm = await gateway.acquire(run);
  expect(warm).toMatchObject({ kind: 'warm', instanceId: restored.instanceId });
  expect(await answers(warm)).toBe(200);
});

test('an instance that was a blank is checkpointed, and its clones serve, like any other', async () => {
  await until('the blanks are there', async () => (await client.stats()).blanks === 4, 30_000);
  const other = {
    ...run,
    functionId: 'fn-blank',
    revisionId: 'rev-blank',
    checkpoint: { ...run.checkpoint, warmUp: [] },
  };
  const cold = await gateway.acquire(other, 60_000);
  expect(cold).toMatchObject({ kind: 'cold', blank: true });
  expect(await answers(cold)).toBe(200);
  gateway.release(cold.instanceId);
  const { instanceId } = cold;
  const ref = { checkpointId: 'ck-blank', runSpecJson: JSON.stringify(other) };
  const { hostKey } = await client.checkpoint({ ...ref, instanceId });
  const { digest } = await client.seal({ ...ref, digest: '' });
  await client.verify({ ...ref, digest });
  await client.publish({ ...ref, digest, hostKey });
  const replies = [await gateway.acquire(other), await gateway.acquire(other)];
  expect(replies.map(({ kind }) => kind)).toContain('restore');
  for (const reply of replies) expect(await answers(reply)).toBe(200);
  await client.retire({ revisionId: other.revisionId, reason: 'deleted', deadlineMs: 30_000 });
});

test('an agent that was killed: its successor finds instances and checkpoint, and loses nothing', async () => {
  const held = [...gateway.held];
  expect(held.length).toBeGreaterThan(0);
  const { welcomes } = gateway;
  await server.close(0);
  await agent.close({ destroyAll: false });
  await startAgent();
  await until('the gateway is back', () => gateway.welcomes > welcomes);
  expect(gateway.unknown).toEqual([]);
  const { instances } = await client.stats();
  expect(instances.map(({ instanceId, state }) => ({ instanceId, state }))).toEqual(
    expect.arrayContaining(held.map((instanceId) => ({ instanceId, state: 'leased' }))),
  );
  expect(await gateway.acquire(run)).toMatchObject({ kind: 'restore', cause: 'burst' });
});

test('retiring leaves no instance', async () => {
  await client.retire({ revisionId: run.revisionId, reason: 'deleted', deadlineMs: 30_000 });
  expect((await client.stats()).instances).toEqual([]);
  await until('rows are closed', () => [...rows.values()].every(({ endedAt }) => endedAt !== null));
});

test('what a target holds frozen is woken now and then, answers, and sleeps again', async () => {
  const held = { ...run, revisionId: 'rev-held', functionId: 'fn-held', function: 'held' };
  const target = {
    revisionId: held.revisionId,
    runSpecJson: JSON.stringify(held),
    steps: [{ afterMs: 0, running: 0, frozen: 1 }],
    keepAliveMs: [600_000],
    expectedRate: 1,
    uses: [1],
  };
  const before = (await client.stats()).pingsTotal;
  await client.setTargets({ targets: [target], decisionId: 'test', validMs: 120_000 });
  const own = async () => (await client.stats()).instances.filter(({ revisionId }) => revisionId === held.revisionId);
  await until('it sleeps', async () => (await own()).map(({ state }) => state).join() === 'frozen', 30_000);
  const [{ instanceId } = { instanceId: '' }] = await own();
  await until('it was asked twice', async () => {
    return ((await client.stats()).pingsTotal['ok'] ?? 0) >= (before['ok'] ?? 0) + 2;
  }, 30_000); // prettier-ignore
  await until('it sleeps again', async () => (await own()).map(({ state }) => state).join() === 'frozen', 30_000);
  const warm = await gateway.acquire(held);
  expect(warm).toMatchObject({ kind: 'warm', instanceId });
  expect(await answers(warm)).toBe(200);
  gateway.release(warm.instanceId);
  expect((await client.stats()).pingsTotal['failed']).toBe(0);
});
