import type { CostTerm } from '../core/placement/placement-prices';

/** What the commands on traffic and placement read of the API's answers; times are RFC 3339 text. */

interface TrafficResource {
  readonly calls: number;
  readonly asyncCalls: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}
export interface TrafficMapResource {
  readonly from: string;
  readonly to: string;
  readonly users: readonly (TrafficResource & { readonly function: string; readonly region: string })[];
  readonly calls: readonly (TrafficResource & { readonly caller: string; readonly function: string })[];
}
type CostsResource = Readonly<Record<CostTerm, number>>;
export interface PlacementCostsResource {
  readonly at: string | null;
  readonly functions: readonly {
    readonly function: string;
    readonly nodes: readonly string[];
    readonly costs: CostsResource;
    readonly total: number;
    readonly users: { readonly meanMs: number; readonly p99Ms: number } | null;
  }[];
}
export interface PlacementPlanResource {
  readonly id: string;
  readonly at: string;
  readonly dryRun: boolean;
  readonly verdict: string;
  readonly reason: string;
  readonly costs: {
    readonly before: CostsResource;
    readonly after: CostsResource;
    readonly best: CostsResource | null;
  } | null;
  readonly moves: readonly {
    readonly function: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
    readonly savesPerHour: number;
    readonly before: CostsResource;
    readonly after: CostsResource;
    readonly reason: string;
  }[];
  readonly held: readonly { readonly function: string; readonly to: readonly string[]; readonly reason: string }[];
  readonly replicas: readonly {
    readonly function: string;
    readonly nodes: readonly string[];
    readonly p99Ms: number;
    readonly singleNode: string;
    readonly singleP99Ms: number;
  }[];
  readonly notes: readonly string[];
  readonly outcomes:
    readonly { readonly function: string; readonly state: string; readonly error: string | null }[] | null;
}
export interface PlacementPlanStateResource {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly plan: PlacementPlanResource | null;
}
