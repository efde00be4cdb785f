import { parseManifest, type ManifestInput } from '../../../core/function/manifest';
import { LatencyMatrix } from '../../../core/network/latency-matrix';
import { placementSettingsSchema } from '../../../core/plan/placement-settings';
import type { PlacementSnapshot, SnapshotFunction, SnapshotNode } from '../../../core/plan/placement-snapshot';

const GB = 1e9;
export const settings = placementSettingsSchema.parse({});

export function snapshotNode(name: string, region: string, tier: SnapshotNode['tier'] = 'central'): SnapshotNode {
  return {
    name,
    region,
    tier,
    state: 'ready',
    capacity: { cpuMillis: 4_000, memoryBytes: 8 * GB, slots: 50 },
    bandwidthBytesPerSecond: null,
  };
}

export function snapshotFunction(
  id: string,
  change: Partial<SnapshotFunction> = {},
  spec: Partial<ManifestInput['spec']> = {},
): SnapshotFunction {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: id.split('/')[1] },
    spec: { runtime: 'nodejs', handler: 'index.handler', ...spec },
  });
  return {
    id,
    manifest,
    nodes: ['central-1'],
    secondsSinceMove: null,
    load: { calls: 3_600, executeMs: 36_000, cpuMicros: 18_000_000 },
    expectedPerHour: null,
    imageBytes: 20e6,
    ...change,
  };
}

/** Two regions 80 ms apart, a node in each, an hour of traffic. */
export function snapshotOf(change: Partial<PlacementSnapshot> = {}): PlacementSnapshot {
  const nodes = [snapshotNode('edge-1', 'eu', 'edge'), snapshotNode('central-1', 'us')];
  return {
    nodes,
    functions: [],
    users: [],
    calls: [],
    hours: 1,
    latency: LatencyMatrix.of({ latency: { eu: { us: 80, eu: 4 }, us: { us: 4 } }, nodeLatency: {} }, nodes),
    ...change,
  };
}
