import { BudgetConstraints } from '../core/budget/budget-constraints';
import { mainRevision } from '../core/function/alias-weights';
import { isolationOf } from '../core/function/isolation';
import { LatencyMatrix, type Distances } from '../core/network/latency-matrix';
import type { PlacementSnapshot, SnapshotFunction } from '../core/plan/placement-snapshot';
import type { RevisionRecord, RouteSnapshot } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** An older forecast says nothing of now. */
const FORECAST_MS = 15 * MINUTE_MS;

type RoutedFunction = RouteSnapshot['functions'][number];
type Dependencies = Pick<ActivityDependencies, 'store' | 'cluster' | 'images' | 'bandwidth' | 'prices' | 'now'>;

export interface TakenSnapshot {
  readonly snapshot: PlacementSnapshot;
  /** Functions that are being moved just now, `tenant/name`. */
  readonly moving: readonly string[];
}

/**
 * All that placement looks at: nodes, deployed functions with where they are, and what was measured in the last `windowMs`.
 * @throws PlatformError invalid_argument for a latency matrix with holes
 */
export async function placementSnapshot(
  { store, cluster, images, bandwidth, prices, now }: Dependencies,
  { distances, windowMs }: { readonly distances: Distances; readonly windowMs: number },
): Promise<TakenSnapshot> {
  const to = new Date(Math.floor(now() / MINUTE_MS) * MINUTE_MS);
  const from = new Date(Math.floor((to.getTime() - windowMs) / HOUR_MS) * HOUR_MS);
  const [nodes, routes, map, loads, forecasts, checkpoints, live, budgets, states] = await Promise.all([
    cluster.nodes(),
    store.routes(),
    store.trafficMap({ from, to: new Date(now()) }),
    store.functionLoads({ from, to }),
    store.latestForecasts(new Date(now() - FORECAST_MS)),
    store.checkpoints({ states: ['ready'] }),
    store.instances({ live: true }),
    store.budgets(),
    store.budgetStates(),
  ]);
  const latency = LatencyMatrix.of(distances, nodes);
  const ids = new Map(routes.functions.map((fn) => [fn.functionId, idOf(fn)]));
  const loadOf = new Map(loads.map((load) => [load.functionId, load]));
  const expected = new Map(forecasts.map(({ functionId, mean }) => [functionId, perHour(mean)]));
  const sealed = new Map(checkpoints.map(({ revisionId, sealedBytes }) => [revisionId, sealedBytes]));
  const runsOn = new Map<string, Set<string>>();
  for (const { tenant, function: name, node } of live) {
    const id = `${tenant}/${name}`;
    runsOn.set(id, (runsOn.get(id) ?? new Set()).add(node));
  }
  const constraints = new BudgetConstraints(budgets, states, now());
  const functions: SnapshotFunction[] = [];
  for (const fn of routes.functions) {
    const revision = mainRevision(fn.aliases, fn.revisions);
    if (!revision) continue;
    const id = idOf(fn);
    functions.push({
      id,
      manifest: revision.manifest,
      nodes: placedOn(fn) ?? [...(runsOn.get(id) ?? [])].sort(),
      secondsSinceMove: sinceMove(fn, now()),
      load: loadOf.get(fn.functionId) ?? { calls: 0, executeMs: 0, cpuMicros: 0 },
      expectedPerHour: expected.get(fn.functionId) ?? null,
      imageBytes: sealed.get(revision.id) ?? (await codeBytes(images, revision)),
      constraints: constraints.of({ ...fn, critical: revision.manifest.spec.critical }),
    });
  }
  const named = <T>(rows: readonly T[], functionIds: (row: T) => readonly string[]): T[] =>
    rows.filter((row) => functionIds(row).every((id) => ids.has(id)));
  return {
    snapshot: {
      nodes: nodes.map(({ name, tier, region, labels, state, capacity }) => {
        const limit = bandwidth(region);
        return {
          ...{ name, tier, region, state, capacity },
          isolation: isolationOf(labels),
          bandwidthBytesPerSecond: Number.isFinite(limit) ? limit : null,
        };
      }),
      functions,
      users: named(map.users, (row) => [row.functionId]).map(({ functionId, region, calls, bytesIn, bytesOut }) => {
        return { function: ids.get(functionId) ?? '', region, calls, bytes: bytesIn + bytesOut };
      }),
      calls: named(map.calls, (row) => [row.callerId, row.calleeId]).map((row) => {
        const { callerId, calleeId, calls, bytesIn, bytesOut } = row;
        return { from: ids.get(callerId) ?? '', to: ids.get(calleeId) ?? '', calls, bytes: bytesIn + bytesOut };
      }),
      hours: (now() - from.getTime()) / HOUR_MS,
      latency,
      charged: prices.tiers,
    },
    moving: routes.functions.filter(({ placement }) => (placement?.fence ?? null) !== null).map(idOf),
  };
}

function idOf({ tenant, name }: RoutedFunction): string {
  return `${tenant}/${name}`;
}

/** Undefined for a function that may run anywhere. */
function placedOn({ placement }: RoutedFunction): string[] | undefined {
  return placement?.nodes.filter(({ weight }) => weight > 0).map(({ node }) => node);
}

/** The first placement is where it was deployed: no move. */
function sinceMove({ placement }: RoutedFunction, now: number): number | null {
  if (!placement || placement.generation <= 1) return null;
  return Math.max(0, now - placement.updatedAt.getTime()) / 1000;
}

/** @param mean calls that are expected in each of the coming minutes */
function perHour(mean: readonly number[]): number {
  return mean.length === 0 ? 0 : (60 * mean.reduce((sum, calls) => sum + calls, 0)) / mean.length;
}

async function codeBytes(images: Dependencies['images'], { codeDigest }: RevisionRecord): Promise<number> {
  return (await images.stat(codeDigest))?.bytes ?? 0;
}
