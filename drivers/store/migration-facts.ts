import type { MigrationReason } from '../../core/control/migration-state';
import type { Isolation } from '../../core/function/isolation';
import { parseMemory } from '../../core/function/quantity';
import type { Tier } from '../../core/function/manifest';
import type { MigrationFacts, MigrationNode } from '../../core/migration/check-migration';
import type { NodeState } from '../../core/node/node-state';
import type { FunctionRecord, RevisionRecord, Store } from './store';

/** A node, and how its agent is asked. */
export interface AskedNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly isolation?: Isolation | undefined;
  readonly state: NodeState;
  readonly stats: () => Promise<{
    readonly memoryCapacityBytes: number;
    readonly memoryCommittedBytes: number;
    readonly draining: boolean;
    readonly instances: readonly { readonly state: string }[];
  }>;
}

/**
 * What the check of a migration looks at, and the revisions that aliases of the function point at. A node that does not
 * answer is one of the facts.
 * @param ownWorkflow whose fence does not count, because it is from an earlier run of the workflow that asks
 */
export async function migrationFacts(
  store: Pick<Store, 'aliases' | 'revisions' | 'placementOf' | 'instances'>,
  nodes: readonly AskedNode[],
  wish: {
    readonly fn: FunctionRecord;
    readonly from: string | undefined;
    readonly to: string;
    readonly reason: MigrationReason;
    readonly ownWorkflow: string;
  },
): Promise<{ facts: MigrationFacts; serving: readonly RevisionRecord[]; generation: number }> {
  const { fn, from, to, reason, ownWorkflow } = wish;
  const [aliases, revisions, placement, live, asked] = await Promise.all([
    store.aliases(fn.id),
    store.revisions(fn.id),
    store.placementOf(fn.id),
    store.instances({ tenant: fn.tenant, function: fn.name, live: true }),
    Promise.all(nodes.map((node) => look(node, to))),
  ]);
  const used = new Set(
    aliases.flatMap(({ weights }) => weights.filter(({ weight }) => weight > 0)).map((share) => share.revision),
  );
  const serving = revisions.filter(({ number }) => used.has(number));
  const fence = placement?.fence ?? null;
  return {
    facts: {
      function: fn.name,
      from,
      to,
      reason,
      nodes: asked,
      placed: placement?.nodes ?? null,
      changedBy: fence === null || fence.startsWith(`${ownWorkflow}/`) ? null : workflowOf(fence),
      runsOn: [...new Set(live.map(({ node }) => node))],
      tiers: tiersOf(serving),
      regions: regionsOf(serving),
      isolation: newestOf(serving)?.manifest.spec.isolation,
      revisions: serving.length,
      memoryBytes: Math.max(0, ...serving.map(({ manifest }) => parseMemory(manifest.spec.resources.memory))),
    },
    serving,
    generation: placement?.generation ?? 0,
  };
}

/** The workflow that a fence names, without its run. */
export function workflowOf(fence: string): string {
  return fence.slice(0, fence.lastIndexOf('/'));
}

/** Only of the target it is asked what is free there: others are not to hold up the answer. */
async function look({ name, tier, region, isolation, state, stats }: AskedNode, to: string): Promise<MigrationNode> {
  const silent = { name, tier, region, isolation, state, freeBytes: null, resting: 0 };
  if (name !== to) return silent;
  try {
    const { memoryCapacityBytes, memoryCommittedBytes, instances, draining } = await stats();
    return {
      ...{ name, tier, region, isolation },
      state: draining && state === 'ready' ? 'draining' : state,
      freeBytes: memoryCapacityBytes - memoryCommittedBytes,
      resting: instances.filter((instance) => instance.state === 'idle' || instance.state === 'frozen').length,
    };
  } catch {
    return silent;
  }
}

function newestOf(serving: readonly RevisionRecord[]): RevisionRecord | undefined {
  return [...serving].sort((a, b) => b.number - a.number)[0];
}

/** Tiers that all revisions that serve allow. */
function tiersOf(serving: readonly RevisionRecord[]): readonly Tier[] {
  const [first, ...others] = serving.map(({ manifest }) => manifest.spec.tier.allow);
  return (first ?? []).filter((tier) => others.every((allow) => allow.includes(tier)));
}

/** Regions that all revisions that serve allow; undefined: all. */
function regionsOf(serving: readonly RevisionRecord[]): readonly string[] | undefined {
  const [first, ...others] = serving.flatMap(({ manifest }) => {
    const regions = manifest.spec.placement?.regions;
    return regions ? [regions] : [];
  });
  return first?.filter((region) => others.every((allow) => allow.includes(region)));
}
