import { offersIsolation, type Isolation } from '../function/isolation';
import type { Tier } from '../function/manifest';
import type { LatencyMatrix, Place } from '../network/latency-matrix';
import type { NodeCapacity } from './node-capacity';
import type { NodeState } from './node-state';

/** A function that needs another node. */
export interface HomelessFunction {
  readonly tenant: string;
  readonly function: string;
  /** Tiers that it allows. */
  readonly tiers: readonly Tier[];
  /** Regions that it may be in; left out: all. */
  readonly regions?: readonly string[] | undefined;
  /** Left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /** Of one instance. */
  readonly memoryBytes: number;
  readonly cpuMillis: number;
}

/** A node that may take it, with what is promised there: one instance of each function that lives there. */
export interface TargetNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  readonly state: NodeState;
  readonly capacity: NodeCapacity | null;
  readonly promised: NodeCapacity;
}

/** Nobody takes it, and why. */
export interface Refusal {
  readonly node: string;
  readonly reason: string;
}

/**
 * The nearest ready node with room; of those as near the one with the most memory to spare.
 * @param from the node that it leaves
 */
export function chooseTarget(
  wanted: HomelessFunction,
  from: Place,
  nodes: readonly TargetNode[],
  distances: Pick<LatencyMatrix, 'ms'>,
): { readonly target: TargetNode } | { readonly refusals: readonly Refusal[] } {
  const refusals: Refusal[] = [];
  const fit: { readonly node: TargetNode; readonly ms: number; readonly spare: number }[] = [];
  for (const node of nodes) {
    if (node.name === from.node) continue;
    const reason = obstacle(wanted, node);
    if (reason !== null) refusals.push({ node: node.name, reason });
    else fit.push({ node, ms: distances.ms(from, { region: node.region, node: node.name }), spare: spareBytes(node) });
  }
  const [best] = fit.sort((a, b) => a.ms - b.ms || b.spare - a.spare || (a.node.name < b.node.name ? -1 : 1));
  return best ? { target: best.node } : { refusals };
}

/** The node after it has taken the function. */
export function withFunction(node: TargetNode, { memoryBytes, cpuMillis }: HomelessFunction): TargetNode {
  const { promised } = node;
  return {
    ...node,
    promised: {
      memoryBytes: promised.memoryBytes + memoryBytes,
      cpuMillis: promised.cpuMillis + cpuMillis,
      slots: promised.slots + 1,
    },
  };
}

function spareBytes({ capacity, promised }: TargetNode): number {
  return (capacity?.memoryBytes ?? 0) - promised.memoryBytes;
}

/** CPU is shared by whoever runs at the time, so that the whole of one function must fit, and not the sum of all. */
function obstacle(wanted: HomelessFunction, node: TargetNode): string | null {
  const { capacity, promised } = node;
  if (node.state !== 'ready') return `is ${node.state}`;
  if (!offersIsolation(node.isolation, wanted.isolation))
    return `runs functions of isolation ${node.isolation ?? 'agent'}`;
  if (!wanted.tiers.includes(node.tier)) return `is of the tier ${node.tier}`;
  if (wanted.regions && !wanted.regions.includes(node.region)) return `is in ${node.region}`;
  if (!capacity) return 'has not said what it has';
  if (spareBytes(node) < wanted.memoryBytes) return 'has too little memory';
  if (capacity.cpuMillis < wanted.cpuMillis) return 'has too few cores';
  if (capacity.slots - promised.slots < 1) return 'has no slot';
  return null;
}
