import { isPlatformError } from '../core/error/platform-error';
import { isolationOf } from '../core/function/isolation';
import { LatencyMatrix } from '../core/network/latency-matrix';
import {
  chooseTarget,
  withFunction,
  type HomelessFunction,
  type Refusal,
  type TargetNode,
} from '../core/node/choose-target';
import type { NodeIntent } from '../core/node/node-state';
import type { ClusterNode } from '../drivers/cluster/cluster';
import type { ActivityDependencies } from './dependencies';
import { residentsOf } from './node-residents';

/** How long a call to the agent waits for what is in flight; the workflow repeats it. */
const DRAIN_CALL_MS = 60_000;
const MAX_REASON = 200;

/** One function to one node. */
export interface PlannedMove {
  readonly tenant: string;
  readonly function: string;
  readonly to: string;
}

export interface PlannedMoves {
  readonly moves: readonly PlannedMove[];
  /** Functions that no node takes. */
  readonly stuck: readonly {
    readonly tenant: string;
    readonly function: string;
    readonly refusals: readonly Refusal[];
  }[];
  /** Whether the moves are still wanted: the node may take work again. */
  readonly wanted: boolean;
}

/** Empties nodes. */
export function nodeActivities({ store, cluster, agent, now, network }: ActivityDependencies) {
  const tell = (type: string, node: string, data: Record<string, unknown>): Promise<void> =>
    store.writeEvents([{ at: new Date(now()), tenant: null, type, function: null, node, data }]);

  /** Ends a drain in this way. False: somebody has decided otherwise meanwhile. */
  const decide = async (node: string, intent: NodeIntent, reason: string): Promise<boolean> => {
    try {
      await store.setNodeState(node, intent, { reason, onlyIf: ['draining', intent] });
      return true;
    } catch (error) {
      if (isPlatformError(error) && (error.code === 'precondition_failed' || error.code === 'not_found')) return false;
      throw error;
    }
  };

  return {
    /** No new work for the node from now on. @throws PlatformError not_found */
    async beginDrain({ node, why }: { node: string; why?: string | undefined }): Promise<void> {
      const before = await store.findNode(node);
      await store.setNodeState(node, 'draining', { reason: why ?? null });
      if (before?.intent !== 'draining') await tell('node.drain-begun', node, { reason: why ?? null });
    },

    /** Where each function that lives on the node is to go: the nearest ready node with room. */
    async planMoves({ node, reason }: { node: string; reason: 'drain' | 'node-lost' }): Promise<PlannedMoves> {
      const nodes = await cluster.nodes();
      const left = nodes.find(({ name }) => name === node);
      const wanted = left?.state === (reason === 'drain' ? 'draining' : 'lost');
      if (!left || !wanted) return { moves: [], stuck: [], wanted };
      const distances = LatencyMatrix.of(network, []);
      const residents = await residentsOf(store, nodes);
      const targets = new Map(
        nodes.map((one): [string, TargetNode] => [one.name, targetOf(one, residents.get(one.name) ?? [])]),
      );
      const moves: PlannedMove[] = [];
      const stuck: PlannedMoves['stuck'][number][] = [];
      for (const fn of residents.get(node) ?? []) {
        const choice = chooseTarget(fn, { region: left.region, node }, [...targets.values()], distances);
        const who = { tenant: fn.tenant, function: fn.function };
        if ('refusals' in choice) stuck.push({ ...who, refusals: choice.refusals });
        else {
          moves.push({ ...who, to: choice.target.name });
          targets.set(choice.target.name, withFunction(choice.target, fn));
        }
      }
      return { moves, stuck, wanted };
    },

    /** Ends what is free on the node and waits for what is in flight. */
    async drainAgent({ node }: { node: string }): Promise<{ ended: number; left: number }> {
      return (await agent(node)).drain({ deadlineMs: DRAIN_CALL_MS });
    },

    /** Nothing is left on it. False: somebody has decided otherwise meanwhile. */
    async endDrain({ node, moved }: { node: string; moved: number }): Promise<boolean> {
      const before = await store.findNode(node);
      if (!(await decide(node, 'drained', before?.reason ?? 'drained'))) return false;
      await tell('node.drained', node, { moved });
      return true;
    },

    /** The node cannot be emptied: it is cordoned, and people are told why. Of a lost one they are only told. */
    async stopDrain(input: { node: string; message: string; functions: readonly string[] }): Promise<void> {
      const { node, message, functions } = input;
      const before = await store.findNode(node);
      const why = before?.reason ? `${before.reason}; ` : '';
      await decide(node, 'cordoned', `${why}drain stopped: ${message}`.slice(0, MAX_REASON));
      await tell('node.drain-stuck', node, { message, functions });
    },
  };
}

function targetOf(node: ClusterNode, residents: readonly HomelessFunction[]): TargetNode {
  const { name, tier, region, labels, state, capacity } = node;
  const empty: TargetNode = {
    name,
    tier,
    region,
    isolation: isolationOf(labels),
    state,
    capacity,
    promised: { memoryBytes: 0, cpuMillis: 0, slots: 0 },
  };
  return residents.reduce(withFunction, empty);
}
