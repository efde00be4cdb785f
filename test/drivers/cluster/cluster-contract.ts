import type { Cluster } from '../../../drivers/cluster/cluster';
import type { DeclaredNode } from '../../../drivers/cluster/static/static-cluster';

export const declared = (name: string, address = `unix:/run/${name}.sock`): DeclaredNode => ({
  name,
  address,
  tier: 'edge',
  region: 'eu',
  labels: { rack: '7' },
});

/** What every cluster promises. @param make a cluster that knows these nodes, wherever it knows them from; all of them work */
export function describeCluster(
  name: string,
  make: (nodes: readonly DeclaredNode[]) => Cluster | Promise<Cluster>,
): void {
  describe(`${name} keeps the contract of clusters`, () => {
    it('gives each node with what is known of it, ready, in the same order each time', async () => {
      const wanted: DeclaredNode[] = [
        { ...declared('c'), tier: 'central', region: 'us' },
        declared('a', 'host:1'),
        { ...declared('b.example', 'host:2'), tier: 'regional' },
      ];
      const cluster = await make(wanted);
      const nodes = await cluster.nodes();
      expect(nodes).toHaveLength(3);
      for (const { name, tier, region, labels } of wanted) {
        const found = nodes.find((node) => node.name === name);
        expect(found).toMatchObject({ tier, region, labels, state: 'ready' });
        expect(found?.address).toMatch(/./);
      }
      expect(await cluster.nodes()).toEqual(nodes);
    });

    it('has none where there is none', async () => {
      expect(await (await make([])).nodes()).toEqual([]);
    });
  });
}

/** And those that have the nodes from a configuration. */
export function describeDeclaredCluster(name: string, make: (nodes: readonly DeclaredNode[]) => Cluster): void {
  describeCluster(name, make);
  describe(`${name} keeps to the configuration`, () => {
    it('gives the configured nodes in their order, ready', async () => {
      const nodes = [declared('b'), declared('a', 'host:1')];
      expect(await make(nodes).nodes()).toEqual(nodes.map((node) => ({ ...node, state: 'ready', capacity: null })));
    });

    it('refuses two nodes of one name or one address', () => {
      const invalid = expect.objectContaining({ code: 'invalid_argument' });
      expect(() => make([declared('a', 'x:1'), declared('a', 'x:2')])).toThrow(invalid);
      expect(() => make([declared('a', 'x:1'), declared('b', 'x:1')])).toThrow(invalid);
    });
  });
}
