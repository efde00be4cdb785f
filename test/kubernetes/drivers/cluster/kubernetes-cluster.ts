import { FAKE, FAKE_NODES } from '../../../../bench/kubernetes/fake-nodes';
import { createKubernetesCluster } from '../../../../drivers/cluster/kubernetes/kubernetes-cluster';
import { KubernetesNodes } from '../../../../drivers/cluster/kubernetes/kubernetes-nodes';
import { NODES } from '../../../../drivers/kubernetes/resources';
import type { RestKubernetesApi } from '../../../../drivers/kubernetes/rest/rest-kubernetes-api';
import type { Cluster, ClusterNode } from '../../../../drivers/cluster/cluster';
import { describeCluster } from '../../../drivers/cluster/cluster-contract';
import { nodeObject, READING } from '../../../drivers/cluster/kubernetes-node-object';
import { eventually } from '../../../integration/support/eventually';
import type { SharedKubernetes } from '../../support/shared-kubernetes';

/** Nodes as the platform sees them; the last that may look at the twelve, for it changes them. */
export function describeKubernetesNodes(shared: () => SharedKubernetes): void {
  describe('nodes of a real API server', () => {
    let api: RestKubernetesApi;
    const open: KubernetesNodes[] = [];

    beforeAll(() => void ({ api } = shared()));
    afterEach(() => Promise.all(open.splice(0).map((nodes) => nodes.stop())));

    /** @param tierLabel of the nodes that are looked at, so that each test has its own */
    function clusterOf(tierLabel: string): Cluster {
      const nodes = new KubernetesNodes({ ...READING, tierLabel, api });
      open.push(nodes);
      return createKubernetesCluster(nodes, 7443);
    }

    let contract = 0;
    describeCluster('the Kubernetes cluster of a real API server', async (nodes) => {
      const own = `contract.presage.dev/tier-${contract++}`;
      await Promise.all(
        nodes.map((node) => {
          const object = nodeObject(node);
          return api.create(NODES, {
            ...object,
            // Nobody else beats for it, and its Ready stays as it is long enough.
            metadata: {
              ...object.metadata,
              annotations: { [FAKE.node]: 'true' },
              labels: { ...object.metadata?.labels, [own]: node.tier },
            },
          });
        }),
      );
      return clusterOf(own);
    });

    const edge = async (cluster: Cluster, name: string): Promise<ClusterNode | undefined> =>
      (await cluster.nodes()).find((node) => node.name === name);
    const becomes = (cluster: Cluster, name: string, state: string): Promise<unknown> =>
      eventually(
        async () => ((await edge(cluster, name))?.state === state ? true : undefined),
        `${name} to be ${state}`,
      );

    test('twelve nodes in three tiers and two zones each, with what they have', async () => {
      const nodes = (await clusterOf(READING.tierLabel).nodes()).filter(({ name }) =>
        /^(edge|regional|central)-\d$/.test(name),
      );
      expect(nodes).toHaveLength(12);
      for (const { name, tier, region, zone } of FAKE_NODES) {
        expect(nodes.find((node) => node.name === name)).toMatchObject({
          tier,
          region,
          state: 'ready',
          labels: { 'topology.kubernetes.io/zone': zone },
        });
      }
      expect(nodes.find(({ tier }) => tier === 'edge')?.capacity).toEqual({
        cpuMillis: 4000,
        memoryBytes: 8 * 2 ** 30,
        slots: 250,
      });
    });

    test('cordon, drain, not ready and gone are seen as they happen', async () => {
      const cluster = clusterOf(READING.tierLabel);
      await becomes(cluster, 'edge-0', 'ready');
      await api.patch(NODES, { name: 'edge-0' }, { spec: { unschedulable: true } });
      await becomes(cluster, 'edge-0', 'cordoned');
      await api.patch(NODES, { name: 'edge-0' }, { spec: { unschedulable: null } });
      await becomes(cluster, 'edge-0', 'ready');
      const taints = [{ key: 'presage.dev/drain', effect: 'NoSchedule' }];
      await api.patch(NODES, { name: 'edge-0' }, { spec: { taints } });
      await becomes(cluster, 'edge-0', 'draining');
      // The node controller's own doing, once it has not heard of the node for eight seconds.
      await api.patch(NODES, { name: 'edge-1' }, { metadata: { annotations: { [FAKE.silent]: 'true' } } });
      await becomes(cluster, 'edge-1', 'lost');
      await api.patch(NODES, { name: 'edge-1' }, { metadata: { annotations: { [FAKE.silent]: null } } });
      await becomes(cluster, 'edge-1', 'ready');
      await api.delete(NODES, { name: 'edge-2' });
      await eventually(async () => ((await edge(cluster, 'edge-2')) ? undefined : true), 'edge-2 to be gone');
    });
  });
}
