import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CheckpointStore } from '../../agent/checkpoint/checkpoint-store';
import { NodeAgent } from '../../agent/node-agent';
import type { NodeAgentOptions } from '../../agent/node-parts';
import type { NewEvent } from '../../agent/record/record-batcher';
import { createAgentClient, type AgentClient } from '../../agent/rpc/agent-client';
import type { AcquireReply, CheckpointDueMessage, GoneMessage, InstanceNotice } from '../../agent/rpc/agent-messages';
import { serveAgent, type AgentServer } from '../../agent/rpc/agent-server';
import type { HeldBatch } from '../../core/cost/warmth/held-batch';
import type { RunSpec } from '../../core/function/run-spec';
import type { InstanceWay } from '../../agent/rpc/instance-way';
import type { Endpoint, SandboxDriver } from '../../drivers/sandbox/sandbox';
import { createSimulatedDriver, type SimulatedDriver } from '../../drivers/sandbox/simulated/simulated-driver';
import {
  SimulatedMachine,
  type SimulatedHandler,
  type SimulatedHook,
} from '../../drivers/sandbox/simulated/simulated-machine';
import type { MemoryHour } from '../../drivers/store/advice-store';
import type { InstanceRecord, LogRecord } from '../../drivers/store/store';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MIB = 2 ** 20;

/** A run spec that starts fast and costs 100 MiB; `name` names function and revision. */
export function runSpec(name: string, change: Partial<RunSpec> = {}): RunSpec {
  return {
    tenant: 'default',
    function: name,
    functionId: `fn-${name}`,
    revisionId: `rev-${name}-${change.revision ?? 1}`,
    revision: 1,
    runtime: 'nodejs',
    handler: 'index.handler',
    command: null,
    codeDigest: `sha256:${'a'.repeat(64)}`,
    codeKind: 'layer',
    env: {},
    secretEnv: {},
    limits: { memoryBytes: 100 * MIB, cpuMillis: 1000, pids: 64 },
    timeouts: { startMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, totalMs: 5_000 },
    concurrency: 1,
    scale: { min: 0, max: 20, keepAliveMs: 600_000 },
    network: 'none',
    healthPath: null,
    checkpoint: { when: 'never', mapPages: true, warmUp: [] },
    ...change,
  };
}

/** Checkpoints as plain folders: sealing changes nothing, loading gives the folder back. */
export class FolderCheckpointStore implements CheckpointStore {
  readonly pins = new Map<string, number>();
  readonly dropped: string[] = [];
  constructor(private readonly root: string) {}
  rawDir(checkpointId: string): string {
    return path.join(this.root, checkpointId);
  }
  makeRoom(): Promise<void> {
    return Promise.resolve();
  }
  seal(checkpointId: string): Promise<{ digest: string; bytes: number }> {
    return Promise.resolve({ digest: `sha256:${Buffer.from(checkpointId).toString('hex').padEnd(64, '0')}`, bytes: 7 });
  }
  load(checkpointId: string): Promise<string> {
    return Promise.resolve(this.rawDir(checkpointId));
  }
  pin(checkpointId: string): () => void {
    const change = (by: number): void => void this.pins.set(checkpointId, (this.pins.get(checkpointId) ?? 0) + by);
    change(1);
    return () => change(-1);
  }
  drop(checkpointId: string): Promise<void> {
    this.dropped.push(checkpointId);
    return Promise.resolve();
  }
  loaded(): readonly { checkpointId: string; bytes: number }[] {
    return [];
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Answers as a gateway would; holds what it acquires until told otherwise. */
export class TestGateway {
  /** Ids of the leases that it holds, as its Hello names them. */
  readonly held: Set<string>;
  /** Ids of those that it has parked; and of those of them that the agent says are asleep. */
  readonly parked: Set<string>;
  readonly asleep = new Set<string>();
  readonly gone: GoneMessage[] = [];
  readonly withdrawn: InstanceNotice[] = [];
  readonly unknown: string[] = [];
  readonly due: CheckpointDueMessage[] = [];
  welcomes = 0;
  readonly #stream: ReturnType<AgentClient['endpoints']>;

  /** @param options.obeys false: it does not answer Withdraw */
  constructor(
    readonly client: AgentClient,
    readonly id: string,
    options: { readonly obeys?: boolean; readonly held?: readonly string[]; readonly parked?: readonly string[] } = {},
  ) {
    this.held = new Set(options.held);
    this.parked = new Set(options.parked);
    this.#stream = client.endpoints(id, {
      heldInstanceIds: () => [...this.held],
      parkedIds: () => [...this.parked],
      asleep: (instanceId) => void this.asleep.add(instanceId),
      welcome: ({ unknownInstanceIds }) => {
        this.welcomes += 1;
        this.unknown.push(...unknownInstanceIds);
        for (const instanceId of unknownInstanceIds) this.#forget(instanceId);
      },
      withdraw: (notice) => {
        this.withdrawn.push(notice);
        if (options.obeys === false) return;
        this.#forget(notice.instanceId);
        this.#stream.withdrawn(notice.instanceId);
      },
      gone: (notice) => {
        this.gone.push(notice);
        this.#forget(notice.instanceId);
      },
      checkpointDue: (message) => void this.due.push(message),
    });
  }

  get connected(): boolean {
    return this.#stream.connected;
  }

  acquire(run: RunSpec, deadlineMs = 5_000, signal?: AbortSignal): Promise<AcquireReply> {
    const accept = (reply: AcquireReply): AcquireReply => {
      this.held.add(reply.instanceId);
      return reply;
    };
    return this.#stream.acquire({ runSpecJson: JSON.stringify(run), deadlineMs, invocationId: 'test' }, accept, signal);
  }

  release(instanceId: string, served = 1): void {
    this.#forget(instanceId);
    this.#stream.release({ instanceId, idleMs: 0, served, parked: false });
  }

  park(instanceId: string, served = 1): void {
    this.#forget(instanceId);
    this.parked.add(instanceId);
    this.#stream.release({ instanceId, idleMs: 0, served, parked: true });
  }

  /** Asks for one that it has parked. */
  wake(instanceId: string): Promise<AcquireReply> {
    const accept = (reply: AcquireReply): AcquireReply => {
      this.#forget(instanceId);
      this.held.add(instanceId);
      return reply;
    };
    return this.#stream.acquire({ runSpecJson: '', deadlineMs: 5_000, invocationId: 'test', instanceId }, accept);
  }

  #forget(instanceId: string): void {
    this.held.delete(instanceId);
    this.parked.delete(instanceId);
    this.asleep.delete(instanceId);
  }

  fault(instanceId: string): void {
    this.held.delete(instanceId);
    this.#stream.fault(instanceId, 'test');
  }

  close(): void {
    this.#stream.close();
  }
}

export interface HarnessOptions extends Partial<
  Pick<
    NodeAgentOptions,
    | 'memoryBytes'
    | 'slots'
    | 'machine'
    | 'relay'
    | 'blanks'
    | 'leaseGraceMs'
    | 'parallelColdStarts'
    | 'parallelRestores'
    | 'pingAfterMs'
    | 'heldEveryMs'
    | 'heldSpool'
  >
> {
  readonly handler?: SimulatedHandler;
  readonly afterRestore?: SimulatedHook;
  readonly coldMs?: number;
  /** Stands between the agent and the driver. */
  readonly wrap?: (driver: SimulatedDriver) => SandboxDriver;
}

/** An agent over a simulated machine that answers HTTP, behind real gRPC on a Unix socket. */
export class AgentHarness {
  readonly events: NewEvent[] = [];
  readonly logs: LogRecord[] = [];
  readonly memoryHours: MemoryHour[] = [];
  readonly rows = new Map<string, InstanceRecord>();
  readonly held: HeldBatch[] = [];
  /** The store takes no reports of what is held. */
  away = false;
  readonly gateways: TestGateway[] = [];
  readonly checkpoints: FolderCheckpointStore;
  readonly machine: SimulatedMachine;
  client!: AgentClient;
  driver!: SimulatedDriver;
  agent!: NodeAgent;
  #server: AgentServer | undefined;
  readonly #vanished: NodeAgent[] = [];

  private constructor(
    readonly folder: string,
    readonly options: HarnessOptions,
  ) {
    this.checkpoints = new FolderCheckpointStore(path.join(folder, 'images'));
    this.machine = new SimulatedMachine(Date.now, {
      runDir: path.join(folder, 'run'),
      ...(options.handler ? { handler: options.handler } : {}),
      ...(options.afterRestore ? { afterRestore: options.afterRestore } : {}),
    });
  }

  static async open(options: HarnessOptions = {}): Promise<AgentHarness> {
    const folder = await mkdtemp(path.join(tmpdir(), 'agent-'));
    await mkdir(path.join(folder, 'run'));
    const harness = new AgentHarness(folder, options);
    await harness.start();
    harness.client = createAgentClient(`unix:${path.join(folder, 'agent.sock')}`);
    return harness;
  }

  /** Starts an agent over what the machine and the state folder hold. */
  async start(change: Pick<HarnessOptions, 'heldSpool'> = {}): Promise<void> {
    const { coldMs = 15 } = this.options;
    const times = { cold: coldMs, restore: 3, thaw: 0.5 };
    this.driver = createSimulatedDriver({
      random: () => 0.5,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      machine: this.machine,
      times: (step) => times[step],
    });
    this.agent = await NodeAgent.open({
      node: { name: 'local', tier: 'central' },
      driver: this.options.wrap?.(this.driver) ?? this.driver,
      code: { dir: () => Promise.resolve('/code'), imageConfig: () => Promise.resolve(null) },
      checkpoints: this.checkpoints,
      sink: {
        writeEvents: (batch) => Promise.resolve(void this.events.push(...batch)),
        writeLogs: (batch) => Promise.resolve(void this.logs.push(...batch)),
        writeMemoryHours: (batch) => Promise.resolve(void this.memoryHours.push(...batch)),
        upsertInstances: (batch) => Promise.resolve(batch.forEach((row) => this.rows.set(row.id, row))),
        writeHeld: (batch) =>
          this.away ? Promise.reject(new Error('the store is away')) : Promise.resolve(void this.held.push(batch)),
      },
      log: QUIET,
      stateDir: path.join(this.folder, 'state'),
      memoryBytes: 2_000 * MIB,
      lingerMs: 1_000,
      parallelRestores: 8,
      parallelColdStarts: 4,
      leaseGraceMs: 500,
      warmth: { pricing: 'test', prices: { gbSecondRunning: 10, gbSecondFrozen: 5 } },
      ...this.options,
      ...change,
    });
    this.#server = await serveAgent(`unix:${path.join(this.folder, 'agent.sock')}`, this.agent, QUIET);
  }

  /** The agent vanishes as by kill -9: its instances live on, its state files are as they are. */
  async kill(): Promise<void> {
    await this.#server?.close(0);
    this.machine.listeners.clear();
    this.#vanished.push(this.agent);
  }

  gateway(id = `gateway-${this.gateways.length}`, options?: ConstructorParameters<typeof TestGateway>[2]): TestGateway {
    const gateway = new TestGateway(this.client, id, options);
    this.gateways.push(gateway);
    return gateway;
  }

  stateOf(instanceId: string): Promise<string> {
    return this.client
      .stats()
      .then(({ instances }) => instances.find((instance) => instance.instanceId === instanceId)?.state ?? 'gone');
  }

  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways) gateway.close();
    await this.agent.close({ destroyAll: true });
    await this.#server?.close(0);
    this.client.close();
    // What a real one would not live to write must not be written into a folder that is gone.
    for (const agent of this.#vanished) await agent.close({ destroyAll: false });
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An instance's own endpoint, which gateways on its machine are given. @throws Error for any other way */
export function directly(way: InstanceWay): Endpoint {
  if (way.kind === 'relay') throw new Error(`the way leads through a relay at ${way.host}:${way.port}`);
  return way;
}

/** Waits for a condition; the error names it. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
