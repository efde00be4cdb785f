import type { AdviceChange, SpecPatch } from '../core/cost/advice/advice-change';
import { mainRevision } from '../core/function/alias-weights';
import { checkpointMoment, type Manifest } from '../core/function/manifest';
import { parseCpu, parseMemory } from '../core/function/quantity';
import { initialTrial } from '../core/warming/policy-trial';
import type { ActivityDependencies } from './dependencies';

/** `before`: all is as the change was reckoned for; `applied`: the change is in force; `other`: somebody did something else. */
export type AdviceStanding = 'before' | 'applied' | 'other';

/** How the platform stands to a change. */
export async function adviceStanding(
  { store, platform, cluster }: Pick<ActivityDependencies, 'store' | 'platform' | 'cluster'>,
  change: AdviceChange,
): Promise<AdviceStanding> {
  switch (change.kind) {
    case 'policy': {
      const { live } = (await store.policyTrial()) ?? initialTrial(platform.policy);
      return live === change.from ? 'before' : live === change.to ? 'applied' : 'other';
    }
    case 'drain': {
      const node = (await cluster.nodes()).find(({ name }) => name === change.node);
      if (!node) return 'other';
      return node.state === 'ready' ? 'before' : node.state === 'lost' ? 'other' : 'applied';
    }
    case 'move': {
      const fn = await store.findFunction(change.tenant, change.function);
      const placed = fn ? await store.placementOf(fn.id) : null;
      const nodes = placed?.nodes.filter(({ weight }) => weight > 0).map(({ node }) => node) ?? [];
      if (nodes.length !== 1) return 'other';
      return nodes[0] === change.from ? 'before' : nodes[0] === change.to ? 'applied' : 'other';
    }
    case 'spec': {
      const routed = (await store.routes()).functions.find(
        ({ tenant, name }) => tenant === change.tenant && name === change.function,
      );
      const revision = routed ? mainRevision(routed.aliases, routed.revisions) : null;
      if (!revision) return 'other';
      if (revision.number === change.revision) return 'before';
      return has(revision.manifest, change.set) ? 'applied' : 'other';
    }
  }
}

/** The manifest with the patch written into it. */
export function patched(manifest: Manifest, { memory, cpu, checkpoint }: SpecPatch): Manifest {
  const { resources, checkpoint: kept } = manifest.spec;
  return {
    ...manifest,
    spec: {
      ...manifest.spec,
      resources: {
        ...resources,
        ...(memory === undefined ? {} : { memory }),
        ...(cpu === undefined ? {} : { cpu }),
      },
      checkpoint: { ...kept, ...(checkpoint === undefined ? {} : { when: checkpoint }) },
    },
  };
}

function has(manifest: Manifest, { memory, cpu, checkpoint }: SpecPatch): boolean {
  const { resources } = manifest.spec;
  return (
    (memory === undefined || parseMemory(resources.memory) === parseMemory(memory)) &&
    (cpu === undefined || parseCpu(resources.cpu) === parseCpu(cpu)) &&
    (checkpoint === undefined || checkpointMoment(manifest) === checkpoint)
  );
}
