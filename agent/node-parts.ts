import { availableParallelism } from 'node:os';
import type { Tier } from '../core/function/manifest';
import type { HeldBatch } from '../core/cost/warmth/held-batch';
import type { RunSpec } from '../core/function/run-spec';
import type { SandboxDriver } from '../drivers/sandbox/sandbox';
import type { Spool } from '../drivers/spool/spool';
import type { AgentLog } from './agent-log';
import { BlankStock } from './blank/blank-stock';
import type { CheckpointStore } from './checkpoint/checkpoint-store';
import type { CodeStore } from './code/code-store';
import { HeldMeter } from './held/held-meter';
import { HeldReporter } from './held/held-reporter';
import type { Instance } from './instance/instance';
import { InstanceLife } from './instance/instance-life';
import { CheckpointReminder } from './lease/checkpoint-reminder';
import { GatewayLinks } from './lease/gateway-links';
import { Pools } from './pool/pools';
import { WarmthKeeper } from './pool/warmth-keeper';
import { Journal } from './record/journal';
import { RecordBatcher, type AgentRecordSink } from './record/record-batcher';
import type { RelayAddress } from './rpc/instance-way';
import { thisMachine } from './rpc/machine';
import { CheckpointCatalog } from './revision/checkpoint-catalog';
import { HostKeys } from './revision/host-keys';
import { RevisionMemory } from './revision/revision-memory';
import { MemoryBudget } from '../core/agent/memory-budget';
import { StartGate } from '../core/agent/start-gate';
import { DEFAULT_PRICES } from '../core/warming/prices';
import { Checkpointer } from './template/checkpointer';
import { MemoryWatch } from './usage/memory-watch';
import { TemplateRoom } from './template/template-room';

export interface NodeAgentOptions {
  readonly node: { readonly name: string; readonly tier: Tier };
  readonly driver: SandboxDriver;
  readonly code: Pick<CodeStore, 'dir' | 'imageConfig'>;
  readonly checkpoints: CheckpointStore;
  readonly sink: AgentRecordSink;
  readonly log: AgentLog;
  /** Of this build, told to who asks. */
  readonly version?: string;
  /** Folder of what must outlive the agent. */
  readonly stateDir: string;
  /** Bytes that instances may be promised in all. */
  readonly memoryBytes: number;
  /** Functions that may be there at once; default: as many as there is memory for. */
  readonly slots?: number;
  /** That its instances share; default: all that there are. */
  readonly cores?: number;
  readonly lingerMs: number;
  readonly parallelRestores: number;
  readonly parallelColdStarts: number;
  /** How many of each runtime and network to keep booted without code, where there is memory to spare; default 0. */
  readonly blanks?: number;
  /** Of a second that a caller waits, in micro-dollars; default: as clouds and people price it. */
  readonly waitSecondPrice?: number;
  /** Where it runs (rpc/machine.ts); default: as this process finds it. */
  readonly machine?: string;
  /** The way to its instances for gateways on other machines; without it they are given the instances' own endpoints. */
  readonly relay?: NodeRelay;
  /** How long the leases of a gateway that is away are kept; default 10 s. */
  readonly leaseGraceMs?: number;
  /** How long an instance may be held frozen without being asked whether it is well; default 5 min. */
  readonly pingAfterMs?: number;
  /** Prices of what it keeps warm, and where they are from. */
  readonly warmth: Pick<HeldBatch, 'pricing' | 'prices'>;
  /** Where reports of what it keeps warm wait while the store is away; without it they wait in memory. */
  readonly heldSpool?: Spool<HeldBatch>;
  /** Milliseconds between two of them; default 10 s. */
  readonly heldEveryMs?: number;
}

/** What an agent needs of its relay. */
export interface NodeRelay {
  readonly address: RelayAddress;
  /** Closes what gateways have open to an instance. */
  cut(instanceId: string): void;
}

export type NodeParts = ReturnType<typeof composeNode>;

const LEASE_GRACE_MS = 10_000;
const PING_AFTER_MS = 300_000;
const HELD_EVERY_MS = 10_000;

/**
 * Puts the parts of one agent together. They know each other by the few functions handed over here, so that each can be
 * read alone: gateways hold leases, pools decide, the life carries out, the journal tells.
 *
 * @param fault what to do when a gateway reports that an instance is broken
 */
export function composeNode(
  options: NodeAgentOptions,
  can: { readonly freeze: boolean; readonly checkpoint: boolean; readonly blanks: boolean },
  fault: (instance: Instance, reason: string) => void,
) {
  const { driver, code, checkpoints, log, node, stateDir, sink } = options;
  const memory = new MemoryBudget(options.memoryBytes);
  const { cores = availableParallelism() } = options;
  const gates = {
    restore: new StartGate(options.parallelRestores, cores),
    cold: new StartGate(options.parallelColdStarts, cores),
  };
  const records = new RecordBatcher({ sink, log });
  const journal = new Journal(node.name, records, options.waitSecondPrice ?? DEFAULT_PRICES.waitSecond);
  const catalog = new CheckpointCatalog(stateDir, log);
  const revisions = new RevisionMemory(stateDir, log);
  const hostKeys = new HostKeys(driver, can.checkpoint, log);
  const hostKey = (runtime: RunSpec['runtime']): string | null => hostKeys.get(runtime);
  const meter = new HeldMeter();
  const life = new InstanceLife({ driver, code, memory, journal, log, changed: (instance) => meter.follow(instance) });
  const links = new GatewayLinks({
    node: node.name,
    tier: node.tier,
    cores,
    machine: options.machine ?? thisMachine(),
    parallelStarts: can.checkpoint ? options.parallelRestores : options.parallelColdStarts,
    instances: life.instances,
    graceMs: options.leaseGraceMs ?? LEASE_GRACE_MS,
    giveBack: (instance, use) => {
      // An instance is frozen as soon as it is given back: no connection may be half open then.
      options.relay?.cut(instance.id);
      pools.giveBack(instance, use);
    },
    park: (instance, use) => pools.park(instance, use),
    unparked: (instance) => {
      options.relay?.cut(instance.id);
      pools.unparked(instance);
    },
    fault,
  });
  const blanks = new BlankStock({
    driver,
    memory,
    gate: gates.cold,
    perKind: can.blanks ? (options.blanks ?? 0) : 0,
    quiet: () => pools.quiet,
    meter,
    log,
  });
  const reminder = new CheckpointReminder({ catalog, links, hostKey });
  const pools: Pools = new Pools({
    life,
    memory,
    slots: options.slots ?? Number.POSITIVE_INFINITY,
    gates,
    blanks,
    catalog,
    checkpoints,
    revisions,
    journal,
    hostKey,
    canFreeze: can.freeze,
    withdraw: (instance, reason) => links.withdraw(instance, reason),
    recall: (instance) => links.recall(instance),
    asleep: (instance) => links.asleep(instance),
    leased: (pool, instance) => {
      links.leased(instance);
      reminder.leased(pool, instance);
    },
    servedOnce: (pool, instance) => reminder.served(pool, instance),
  });
  life.onEnding = (instance, reason) => {
    links.ended(instance, reason);
    pools.forget(instance, reason);
  };
  const templates = new TemplateRoom({ life, memory, coldGate: gates.cold, pools, journal });
  const checkpointer = new Checkpointer({
    driver,
    life,
    pools,
    store: checkpoints,
    catalog,
    memory,
    restoreGate: gates.restore,
    journal,
    log,
  });
  const keeper = new WarmthKeeper({ pools, life, log, afterMs: options.pingAfterMs ?? PING_AFTER_MS });
  const watch = new MemoryWatch({ node: node.name, instances: life.instances, driver, sink, log });
  const held = new HeldReporter({
    take: () => meter.take(),
    write: (batch) => sink.writeHeld(batch),
    node: node.name,
    ...options.warmth,
    log,
    spool: options.heldSpool,
    everyMs: options.heldEveryMs ?? HELD_EVERY_MS,
  });
  const rooms = { life, links, pools, keeper, templates, checkpointer, meter, held };
  const parts = { memory, records, journal, catalog, revisions, hostKeys, ...rooms };
  return { ...parts, blanks, watch, canFreeze: can.freeze };
}
