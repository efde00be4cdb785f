import { capacityOf, nodeSchema, relayOf } from '../../workers/node-settings';

const MIB = 2 ** 20;
const nodes = (...entries: object[]) => entries.map((entry) => nodeSchema.parse(entry));
const of = (all: ReturnType<typeof nodes>, index = 0) => {
  const node = all[index];
  if (!node) throw new Error('no such node');
  return capacityOf(node, all, 4096 * MIB, 4000);
};

test('one node has the machine', () => {
  expect(of(nodes({ name: 'a' }))).toEqual({ memoryBytes: 4096 * MIB, cpuMillis: 4000, slots: 32 });
});

test('several share it equally', () => {
  expect(of(nodes({ name: 'a' }, { name: 'b' }))).toEqual({ memoryBytes: 2048 * MIB, cpuMillis: 2000, slots: 16 });
});

test('what some are given by name is taken off before', () => {
  const all = nodes({ name: 'a', memory: '1Gi', cpu: '500m', slots: 3 }, { name: 'b' }, { name: 'c' });
  expect(of(all)).toEqual({ memoryBytes: 1024 * MIB, cpuMillis: 500, slots: 3 });
  expect(of(all, 2)).toEqual({ memoryBytes: 1536 * MIB, cpuMillis: 1750, slots: 12 });
});

test('nodes of other machines take nothing from this one, and whoever is left without has a little', () => {
  expect(of(nodes({ name: 'a' }, { name: 'b', address: '192.0.2.1:7000' })).memoryBytes).toBe(4096 * MIB);
  const crowded = nodes({ name: 'a' }, { name: 'b', memory: '8Gi', cpu: 8 });
  expect(of(crowded)).toEqual({ memoryBytes: 64 * MIB, cpuMillis: 100, slots: 1 });
});

test('a quantity that is none is refused', () => {
  expect(() => nodes({ name: 'a', memory: 'much', cpu: 'all', slots: 0 })).toThrow(
    /not a memory quantity[\s\S]*not a CPU quantity/,
  );
});

test.each([
  [{ address: '192.0.2.1:7000' }, { host: '192.0.2.1', port: 7001 }],
  [{ address: 'dns:///far-1.example:7000' }, { host: 'far-1.example', port: 7001 }],
  [{ address: '[2001:db8::1]:7000' }, { host: '[2001:db8::1]', port: 7001 }],
  [
    { address: '192.0.2.1:7000', relay: '192.0.2.1:9000' },
    { host: '192.0.2.1', port: 9000 },
  ],
  [{ address: 'unix:/run/a.sock' }, undefined],
  [{}, undefined],
])('the relay of %j', (node, relay) => {
  expect(relayOf(node, {})).toEqual(relay);
  expect(relayOf(node, undefined)).toBeUndefined();
});
