import { statfs } from 'node:fs/promises';
import type { SandboxDriver, SandboxStats } from '../drivers/sandbox/sandbox';
import type { LoadedImage } from './checkpoint/checkpoint-store';
import type { Instance } from './instance/instance';
import type { RevisionPool } from './pool/revision-pool';
import type { PublishedCheckpoint } from './revision/checkpoint-catalog';
import type { StatsReply } from './rpc/agent-messages';
import type { MemoryBudget } from '../core/agent/memory-budget';

const NOTHING: SandboxStats = { cpuMicros: 0, memoryBytes: 0, pids: 0 };

/** The node as Stats tells it. An instance that ends meanwhile shows zeroes. */
export async function nodeStats(state: {
  node: { name: string; tier: string };
  driver: SandboxDriver;
  memory: MemoryBudget;
  instances: readonly Instance[];
  pools: readonly RevisionPool[];
  catalog: readonly PublishedCheckpoint[];
  loaded: readonly LoadedImage[];
  startsTotal: Readonly<Record<string, number>>;
  failuresTotal: Readonly<Record<string, number>>;
  hostKeys: Readonly<Record<string, string>>;
  draining: boolean;
  heldGbSeconds: Readonly<Record<string, number>>;
  pingsTotal: Readonly<Record<string, number>>;
  blanks: number;
  version: string;
  stateDir: string;
}): Promise<StatsReply> {
  const { node, driver, memory, pools, draining } = state;
  const rawBytes = new Map(state.loaded.map(({ checkpointId, bytes }) => [checkpointId, bytes]));
  const now = Date.now();
  return {
    node: node.name,
    tier: node.tier,
    driver: driver.name,
    memoryCapacityBytes: memory.capacity,
    memoryCommittedBytes: memory.committed,
    instances: await Promise.all(
      state.instances.map(async (instance) => {
        const { tenant, function: name, revision, revisionId } = instance.run;
        const { memoryBytes, cpuMicros } = await driver.stats(instance.id).catch(() => NOTHING);
        return {
          instanceId: instance.id,
          revisionId,
          tenant,
          function: name,
          revision,
          state: instance.state,
          kind: instance.kind,
          ageMs: now - instance.startedAt,
          memoryBytes,
          cpuMicros,
          pid: instance.pid,
        };
      }),
    ),
    checkpoints: state.catalog.map(({ checkpointId, revisionId, failures, quarantinedAt, digest }) => ({
      checkpointId,
      revisionId,
      rawLoaded: rawBytes.has(checkpointId),
      rawBytes: rawBytes.get(checkpointId) ?? 0,
      failures,
      quarantined: quarantinedAt !== null,
      digest,
    })),
    starting: pools.reduce((sum, pool) => sum + pool.starts.size, 0),
    waiting: pools.reduce((sum, pool) => sum + pool.waiters.length, 0),
    startsTotal: { ...state.startsTotal },
    failuresTotal: { ...state.failuresTotal },
    hostKeys: state.hostKeys,
    draining,
    heldGbSeconds: { ...state.heldGbSeconds },
    pingsTotal: { ...state.pingsTotal },
    blanks: state.blanks,
    version: state.version,
    ...(await diskOf(state.stateDir)),
    nowMs: Date.now(),
  };
}

async function diskOf(folder: string): Promise<Pick<StatsReply, 'diskFreeBytes' | 'diskTotalBytes'>> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { diskFreeBytes: bavail * bsize, diskTotalBytes: blocks * bsize };
  } catch {
    return { diskFreeBytes: 0, diskTotalBytes: 0 };
  }
}
