import type { Node } from 'kubernetes-types/core/v1';
import type { Tier } from '../../core/function/manifest';
import type { KubernetesApi } from '../../drivers/kubernetes/kubernetes-api';
import { NODES } from '../../drivers/kubernetes/resources';

/** A node that the fake kubelet plays. */
export interface FakeNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly zone: string;
  readonly cpu: string;
  readonly memory: string;
  /** That it takes at most; default 250. */
  readonly pods?: number;
}

/** What the fake kubelet goes by; see `servers/fake_kubelet.go`. */
export const FAKE = {
  /** On a node: it is played. */
  node: 'fake.presage.dev/node',
  /** On a node: it says nothing any more. */
  silent: 'fake.presage.dev/silent',
  /** On a pod: milliseconds until it runs. */
  startMs: 'fake.presage.dev/start-ms',
  /** On a pod: it never runs, for the reason that stands here. */
  neverStarts: 'fake.presage.dev/never-starts',
  /** On a pod: its address, instead of the next of 10.244.0.0/16. */
  podIp: 'fake.presage.dev/pod-ip',
} as const;

const TIERS = {
  edge: { count: 6, region: 'eu', cpu: '4', memory: '8Gi' },
  regional: { count: 4, region: 'eu', cpu: '16', memory: '64Gi' },
  central: { count: 2, region: 'us', cpu: '64', memory: '256Gi' },
} as const;

/** Twelve: six at the edge, tainted as such; four regional; two central. Two zones in each tier. */
export const FAKE_NODES: readonly FakeNode[] = Object.entries(TIERS).flatMap(([tier, { count, region, cpu, memory }]) =>
  Array.from({ length: count }, (_, index) => {
    const zone = `${region}-${tier}-${index % 2 === 0 ? 'a' : 'b'}`;
    return { name: `${tier}-${index}`, tier: tier as Tier, region, zone, cpu, memory };
  }),
);

/** Makes them, and resolves when all are Ready. */
export async function createFakeNodes(api: KubernetesApi, nodes: readonly FakeNode[]): Promise<void> {
  const wanted = new Set(nodes.map(({ name }) => name));
  await Promise.all(nodes.map((node) => api.create(NODES, objectOf(node))));
  if (wanted.size === 0) return;
  let ready = (): void => undefined;
  const all = new Promise<void>((resolve) => (ready = resolve));
  const informer = api.watch(NODES, {
    onChange: ({ object }) => {
      if (isReady(object)) wanted.delete(object.metadata?.name ?? '');
      if (wanted.size === 0) ready();
    },
  });
  await all;
  await informer.stop();
}

function objectOf({ name, tier, region, zone, cpu, memory, pods = 250 }: FakeNode): Node {
  const has = { cpu, memory, pods: String(pods) };
  return {
    metadata: {
      name,
      annotations: { [FAKE.node]: 'true' },
      labels: {
        'presage.dev/tier': tier,
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': zone,
        'kubernetes.io/hostname': name,
      },
    },
    spec: tier === 'edge' ? { taints: [{ key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' }] } : {},
    status: { capacity: has, allocatable: has },
  };
}

function isReady({ status }: Node): boolean {
  return (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}
