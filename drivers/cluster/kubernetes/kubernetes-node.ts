import type { Node, Taint } from 'kubernetes-types/core/v1';
import { TIERS, type Tier } from '../../../core/function/manifest';
import { nameSchema } from '../../../core/function/name-schema';
import { parseCpu, parseMemory } from '../../../core/function/quantity';
import type { NodeCapacity } from '../../../core/node/node-capacity';

/** How nodes are read. */
export interface NodeReading {
  /** Label with the tier; who has none is no node of the platform. */
  readonly tierLabel: string;
  readonly regionLabel: string;
  /** Keys of taints that say that the node is about to go. */
  readonly drainTaints: readonly string[];
}

/** What Kubernetes wants of a node. `work`: nothing. `cordon`: no new work. `drain`: everything off it. */
export type NodeWish = 'work' | 'cordon' | 'drain';

/** A node as Kubernetes knows it. */
export interface KubernetesNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null where it has none yet. */
  readonly internalIp: string | null;
  /** What it has for pods; null where that is not said, or cannot be read. */
  readonly capacity: NodeCapacity | null;
  /** Its kubelet is heard. */
  readonly ready: boolean;
  readonly wish: NodeWish;
  /** Why, for people; empty for `work`. */
  readonly why: string;
}

/** Kubernetes' own taints for a kubelet that is not heard: `ready` tells that. */
const UNHEARD = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
/** And for a node that is to get no more for the time being. */
const SHORT_OF =
  /^node\.kubernetes\.io\/(memory-pressure|disk-pressure|pid-pressure|network-unavailable|unschedulable)$/;
const REGION = 'local';

/** @returns null for a node that is not of the platform: it has no tier, or one that there is not */
export function readNode({ metadata, spec, status }: Node, reading: NodeReading): KubernetesNode | null {
  const labels = metadata?.labels ?? {};
  const tier = TIERS.find((known) => known === labels[reading.tierLabel]);
  if (!tier || metadata?.name === undefined) return null;
  const region = labels[reading.regionLabel] ?? REGION;
  const heard = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  const { wish, why } = wishOf(spec?.unschedulable === true, spec?.taints ?? [], reading.drainTaints);
  const ready = heard?.status === 'True';
  return {
    name: metadata.name,
    tier,
    region: nameSchema.safeParse(region).success ? region : REGION,
    labels,
    internalIp: (status?.addresses ?? []).find(({ type }) => type === 'InternalIP')?.address ?? null,
    capacity: capacityOf(status?.allocatable ?? {}),
    ready,
    ...(wish === 'work' && !ready
      ? { wish: 'cordon', why: `not ready: ${heard?.reason ?? 'unheard'}` }
      : { wish, why }),
  };
}

function wishOf(
  unschedulable: boolean,
  taints: readonly Taint[],
  drainTaints: readonly string[],
): Pick<KubernetesNode, 'wish' | 'why'> {
  const others = taints.filter(({ key }) => !UNHEARD.includes(key));
  // Nothing may stay that does not tolerate it, and the platform's functions tolerate nothing of the kind.
  const leave = others.find(({ key, effect }) => drainTaints.includes(key) || effect === 'NoExecute');
  if (leave) return { wish: 'drain', why: `taint ${leave.key}` };
  const short = others.find(({ key }) => SHORT_OF.test(key));
  if (unschedulable) return { wish: 'cordon', why: 'unschedulable' };
  return short ? { wish: 'cordon', why: `taint ${short.key}` } : { wish: 'work', why: '' };
}

function capacityOf({ cpu, memory, pods }: Readonly<Record<string, string>>): NodeCapacity | null {
  if (cpu === undefined || memory === undefined) return null;
  try {
    return { memoryBytes: parseMemory(memory), cpuMillis: parseCpu(cpu), slots: Number(pods ?? 110) };
  } catch {
    return null;
  }
}
