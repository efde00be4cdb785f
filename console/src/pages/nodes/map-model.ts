import type { Tier } from '../../../../core/function/manifest';
import { TIER_ORDER } from '../../lib/tiers';
import type { NodeView, PlacementView, PlanView, StatusView, TrafficMapView } from '../../lib/answers';

/** A function on a node, as the map shows it. */
export interface PlacedFunction {
  readonly function: string;
  /** Share of its traffic there, percent; null: it is not placed but runs there. */
  readonly weight: number | null;
  readonly instances: number;
  /** What a plan does with it there. */
  readonly change: 'stays' | 'leaves' | 'comes';
}

export interface MapNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
  readonly state: string;
  /** Of memory, 0 to 1; null: not told to who asks. */
  readonly load: number | null;
  readonly memoryBytes: number | null;
  readonly cpuMillis: number | null;
  readonly slots: number | null;
  readonly functions: readonly PlacedFunction[];
}

/** Calls from users of a region, or from a function, to a function. */
export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly p99Ms: number | null;
}

export interface MapModel {
  /** By tier from the users inwards, then by name. */
  readonly nodes: readonly MapNode[];
  readonly regions: readonly string[];
  readonly fromUsers: readonly MapEdge[];
  readonly betweenFunctions: readonly MapEdge[];
  /** Functions that are on no node. */
  readonly nowhere: readonly string[];
}

/** What stands where, and who calls what. @param records of nodes, for platform operators; null for others */
export function mapModel(
  status: Pick<StatusView, 'nodes'>,
  records: readonly NodeView[] | null,
  placements: readonly PlacementView[],
  traffic: TrafficMapView | undefined,
): MapModel {
  const nodes = status.nodes.map(({ name, tier, region, state, reachable, memory }): MapNode => {
    const capacity = records?.find((record) => record.name === name)?.capacity ?? null;
    return {
      ...{ name, tier, region, state: state === 'ready' && !reachable ? 'unreachable' : state },
      load: memory && memory.capacityBytes > 0 ? memory.committedBytes / memory.capacityBytes : null,
      memoryBytes: memory?.capacityBytes ?? capacity?.memoryBytes ?? null,
      cpuMillis: capacity?.cpuMillis ?? null,
      slots: capacity?.slots ?? null,
      functions: placements.flatMap((placement) => {
        const here = placement.nodes.find(({ node }) => node === name);
        if (!here) return [];
        return [
          { function: placement.function, weight: here.weight, instances: here.instances, change: 'stays' as const },
        ];
      }),
    };
  });
  const sums = edgesOf(traffic);
  return {
    nodes: inOrder(nodes),
    regions: [...new Set(sums.fromUsers.map(({ from }) => from))].sort(),
    ...sums,
    nowhere: placements.filter((placement) => placement.nodes.length === 0).map((placement) => placement.function),
  };
}

/**
 * The map as a plan finds it, and as it leaves it: what moves is marked on both. @param assignment where functions are, by
 * the ids that plans have (`tenant/name`)
 */
export function planMaps(
  base: MapModel,
  assignment: readonly { readonly function: string; readonly nodes: readonly string[] }[],
  plan: Pick<PlanView, 'moves'>,
  tenant: string,
): { readonly before: MapModel; readonly after: MapModel } {
  const shown = (id: string): string => (id.startsWith(`${tenant}/`) ? id.slice(tenant.length + 1) : id);
  const moves = new Map(plan.moves.map((move) => [move.function, move]));
  const ids = new Set([...assignment.map((row) => row.function), ...moves.keys()]);
  const nodesOf = (id: string, end: 'from' | 'to'): readonly string[] =>
    moves.get(id)?.[end] ?? assignment.find((row) => row.function === id)?.nodes ?? [];
  const at = (end: 'from' | 'to'): MapModel => ({
    ...base,
    nowhere: [],
    nodes: base.nodes.map((node) => ({
      ...node,
      functions: [...ids].sort().flatMap((id): PlacedFunction[] => {
        if (!nodesOf(id, end).includes(node.name)) return [];
        const stays = nodesOf(id, end === 'from' ? 'to' : 'from').includes(node.name);
        const change = stays ? 'stays' : end === 'from' ? 'leaves' : 'comes';
        return [{ function: shown(id), weight: null, instances: 0, change }];
      }),
    })),
  });
  return { before: at('from'), after: at('to') };
}

function edgesOf(traffic: TrafficMapView | undefined): Pick<MapModel, 'fromUsers' | 'betweenFunctions'> {
  const busy = (edge: MapEdge): boolean => edge.calls > 0;
  return {
    fromUsers: (traffic?.users ?? [])
      .map((row) => ({ from: row.region, to: row.function, calls: row.calls + row.asyncCalls, p99Ms: row.p99Ms }))
      .filter(busy),
    betweenFunctions: (traffic?.calls ?? [])
      .map((row) => ({ from: row.caller, to: row.function, calls: row.calls + row.asyncCalls, p99Ms: row.p99Ms }))
      .filter(busy),
  };
}

function inOrder(nodes: readonly MapNode[]): MapNode[] {
  return [...nodes].sort(
    (a, b) => TIER_ORDER.indexOf(a.tier) - TIER_ORDER.indexOf(b.tier) || (a.name < b.name ? -1 : 1),
  );
}
