import { createStaticCluster } from '../../../drivers/cluster/static/static-cluster';

const node = (name: string, address: string) => ({ name, address, tier: 'edge' as const, labels: {} });

test('gives the configured nodes in their order', async () => {
  const cluster = createStaticCluster([node('b', 'unix:/run/b.sock'), node('a', 'host:1')]);
  expect((await cluster.nodes()).map(({ name }) => name)).toEqual(['b', 'a']);
});

test('refuses two nodes of one name or one address', () => {
  const invalid = expect.objectContaining({ code: 'invalid_argument' });
  expect(() => createStaticCluster([node('a', 'x:1'), node('a', 'x:2')])).toThrow(invalid);
  expect(() => createStaticCluster([node('a', 'x:1'), node('b', 'x:1')])).toThrow(invalid);
});
