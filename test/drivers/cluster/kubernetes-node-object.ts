import type { Node, NodeSpec } from 'kubernetes-types/core/v1';
import type { NodeReading } from '../../../drivers/cluster/kubernetes/kubernetes-node';
import type { DeclaredNode } from '../../../drivers/cluster/static/static-cluster';

export const READING: NodeReading = {
  tierLabel: 'presage.dev/tier',
  regionLabel: 'topology.kubernetes.io/region',
  drainTaints: ['presage.dev/drain'],
};

/** A node object of Kubernetes, Ready. */
export function nodeObject({ name, tier, region, labels }: DeclaredNode, spec: NodeSpec = {}): Node {
  const has = { cpu: '3920m', memory: '8Gi', pods: '58' };
  return {
    metadata: { name, labels: { ...labels, [READING.tierLabel]: tier, [READING.regionLabel]: region } },
    spec,
    status: {
      capacity: has,
      allocatable: has,
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address: '10.0.0.7' },
      ],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  };
}
