import { availableParallelism } from 'node:os';
import type { Tier } from '../core/function/manifest';
import type { RunSpec } from '../core/function/run-spec';
import type { SandboxDriver } from '../drivers/sandbox/sandbox';
import type { AgentLog } from './agent-log';
import { BlankStock } from './blank/blank-stock';
import type { CheckpointStore } from './checkpoint/checkpoint-store';
import type { CodeStore } from './code/code-store';
import type { Instance } from './instance/instance';
import { InstanceLife } from './instance/instance-life';
import { CheckpointReminder } from './lease/checkpoint-reminder';
import { GatewayLinks } from './lease/gateway-links';
import { Pools } from './pool/pools';
import { WarmthKeeper } from './pool/warmth-keeper';
import { Journal } from './record/journal';
import { RecordBatcher, type AgentRecordSink } from './record/record-batcher';
import { CheckpointCatalog } from './revision/checkpoint-catalog';
import { HostKeys } from './revision/host-keys';
import { RevisionMemory } from './revision/revision-memory';
import { MemoryBudget } from '../core/agent/memory-budget';
import { StartGate } from '../core/agent/start-gate';
import { Checkpointer } from './template/checkpointer';
import { TemplateRoom } from './template/template-room';

export interface NodeAgentOptions {
  readonly node: { readonly name: string; readonly tier: Tier };
  readonly driver: SandboxDriver;
  readonly code: Pick<CodeStore, 'dir' | 'imageConfig'>;
  readonly checkpoints: CheckpointStore;
  readonly sink: AgentRecordSink;
  readonly log: AgentLog;
  /** Folder of what must outlive the agent. */
  readonly stateDir: string;
  /** Bytes that instances may be promised in all. */
  readonly memoryBytes: number;
  readonly lingerMs: number;
  readonly parallelRestores: number;
  readonly parallelColdStarts: number;
  /** How many of each runtime and network to keep booted without code, where there is memory to spare; default 0. */
  readonly blanks?: number;
  /** How long the leases of a gateway that is away are kept; default 10 s. */
  readonly leaseGraceMs?: number;
  /** How long an instance may be held frozen without being asked whether it is well; default 5 min. */
  readonly pingAfterMs?: number;
}

export type NodeParts = ReturnType<typeof composeNode>;

const LEASE_GRACE_MS = 10_000;
const PING_AFTER_MS = 300_000;

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
  const cores = availableParallelism();
  const gates = {
    restore: new StartGate(options.parallelRestores, cores),
    cold: new StartGate(options.parallelColdStarts, cores),
  };
  const records = new RecordBatcher({ sink, log });
  const journal = new Journal(node.name, records);
  const catalog = new CheckpointCatalog(stateDir, log);
  const revisions = new RevisionMemory(stateDir, log);
  const hostKeys = new HostKeys(driver, can.checkpoint, log);
  const hostKey = (runtime: RunSpec['runtime']): string | null => hostKeys.get(runtime);
  const life = new InstanceLife({ driver, code, memory, journal, log });
  const links = new GatewayLinks({
    node: node.name,
    tier: node.tier,
    cores,
    parallelStarts: can.checkpoint ? options.parallelRestores : options.parallelColdStarts,
    instances: life.instances,
    graceMs: options.leaseGraceMs ?? LEASE_GRACE_MS,
    giveBack: (instance, use) => pools.giveBack(instance, use),
    park: (instance, use) => pools.park(instance, use),
    unparked: (instance) => pools.unparked(instance),
    fault,
  });
  const blanks = new BlankStock({
    driver,
    memory,
    gate: gates.cold,
    perKind: can.blanks ? (options.blanks ?? 0) : 0,
    quiet: () => pools.quiet,
    log,
  });
  const reminder = new CheckpointReminder({ catalog, links, hostKey });
  const pools: Pools = new Pools({
    life,
    memory,
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
  const rooms = { life, links, pools, keeper, templates, checkpointer };
  const parts = { memory, records, journal, catalog, revisions, hostKeys, ...rooms };
  return { ...parts, blanks, canFreeze: can.freeze };
}
