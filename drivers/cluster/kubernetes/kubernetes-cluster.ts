import type { NodeState } from '../../../core/node/node-state';
import type { Cluster, ClusterNode } from '../cluster';
import type { KubernetesNode } from './kubernetes-node';
import type { KubernetesNodes } from './kubernetes-nodes';

/**
 * The nodes of a Kubernetes cluster. Without `agents` each that has a tier, reached where its agent would listen; with them those
 * whose agents are known: Kubernetes says where a node stands and whether it takes work, its agent whether and where it can be
 * asked, and each bounds what it has. An agent that Kubernetes does not know is as it says itself: it stands elsewhere, or its node
 * has just gone and it is still to be emptied.
 * @param agentPort of the agents, where they do not say where they are
 */
export function createKubernetesCluster(
  nodes: Pick<KubernetesNodes, 'all'>,
  agentPort: number,
  agents?: Cluster,
): Cluster {
  return {
    async nodes() {
      const [all, heard] = await Promise.all([nodes.all(), agents?.nodes()]);
      if (!heard) return all.map((node) => clusterNode(node, agentPort, undefined));
      const known = new Map(all.map((node) => [node.name, node]));
      return heard.map((agent) => {
        const node = known.get(agent.name);
        return node ? clusterNode(node, agentPort, agent) : agent;
      });
    },
  };
}

function clusterNode(node: KubernetesNode, agentPort: number, agent: ClusterNode | undefined): ClusterNode {
  const { name, tier, region, labels, internalIp, capacity } = node;
  const own = { name, tier, region, labels: { ...agent?.labels, ...labels } };
  if (!agent) return { ...own, address: `${internalIp ?? name}:${agentPort}`, capacity, state: aloneState(node) };
  const [one, other] = [capacity ?? agent.capacity, agent.capacity ?? capacity];
  const both = one &&
    other && {
      memoryBytes: Math.min(one.memoryBytes, other.memoryBytes),
      cpuMillis: Math.min(one.cpuMillis, other.cpuMillis),
      slots: Math.min(one.slots, other.slots),
    };
  // What Kubernetes wants is the platform's decision a moment later; nothing new is put there in between.
  const state = agent.state === 'ready' && node.wish !== 'work' ? 'cordoned' : agent.state;
  return { ...own, address: agent.address, capacity: both, state };
}

function aloneState({ ready, wish }: KubernetesNode): NodeState {
  if (!ready) return 'lost';
  return wish === 'work' ? 'ready' : wish === 'cordon' ? 'cordoned' : 'draining';
}
