import { CaseTerms } from './case-terms';
import { costBreakdown, nodePlaces } from './cost-breakdown';
import type { Placement, PlacementCase } from './placement-case';
import { nearest } from './serving';
import { refusal } from './violations';

/** Round trips of users to the replica that serves them, in ms, each call counted. */
export interface UserLatency {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** What several replicas of a function are worth to its users, against the one node that would serve them best. */
export interface ReplicaGain {
  readonly function: string;
  readonly nodes: readonly string[];
  readonly p99Ms: number;
  /** On the single node with the lowest p99 of those that may hold it. */
  readonly singleNode: string;
  readonly singleP99Ms: number;
  /** What the function's own terms cost less an hour than on that node, in micro-dollars; below 0 where only the SLA asks for it. */
  readonly savesPerHour: number;
}

/** Of one function, or of all together; null where no user calls. */
export function userLatency(problem: PlacementCase, placement: Placement, id?: string): UserLatency | null {
  const terms = new CaseTerms(problem);
  const at = nodePlaces(terms, placement);
  const fns = id === undefined ? [...at.keys()] : [terms.functionAt.get(id)].filter((fn) => fn !== undefined);
  return latencyOf(fns.flatMap((fn) => trips(terms, fn, at[fn]!)));
}

/** Of every function with more than one replica. */
export function replicaGains(problem: PlacementCase, placement: Placement): readonly ReplicaGain[] {
  const terms = new CaseTerms(problem);
  const at = nodePlaces(terms, placement);
  const costOf = (changed: Placement): number => costBreakdown(problem, { ...placement, ...changed }, terms).total;
  return problem.functions.flatMap(({ id }, fn) => {
    const open = problem.nodes.map((_, node) => node).filter((node) => refusal(terms, fn, node) === null);
    const own = latencyOf(trips(terms, fn, at[fn]!));
    if (at[fn]!.length < 2 || !own || open.length === 0) return [];
    const single = open
      .map((node) => ({ name: problem.nodes[node]!.name, latency: latencyOf(trips(terms, fn, [node]))! }))
      .reduce((best, other) => (fasterThan(other.latency, best.latency) ? other : best));
    return [
      {
        function: id,
        nodes: placement[id]!,
        p99Ms: own.p99Ms,
        singleNode: single.name,
        singleP99Ms: single.latency.p99Ms,
        savesPerHour: costOf({ [id]: [single.name] }) - costOf({}),
      },
    ];
  });
}

interface Trip {
  readonly ms: number;
  readonly calls: number;
}

function trips(terms: CaseTerms, fn: number, nodes: readonly number[]): Trip[] {
  if (nodes.length === 0) return [];
  return [...terms.users[fn]!].flatMap((calls, region) => {
    if (calls === 0) return [];
    return [{ calls, ms: terms.problem.regionMs[region]![nodes[nearest(terms, region, nodes)]!]! }];
  });
}

function latencyOf(all: readonly Trip[]): UserLatency | null {
  const sorted = [...all].sort((a, b) => a.ms - b.ms);
  const total = sorted.reduce((sum, { calls }) => sum + calls, 0);
  if (total === 0) return null;
  const quantile = (share: number): number => {
    let seen = 0;
    for (const { ms, calls } of sorted) if ((seen += calls) >= share * total * (1 - 1e-12)) return ms;
    return sorted.at(-1)!.ms;
  };
  return {
    meanMs: sorted.reduce((sum, { ms, calls }) => sum + ms * calls, 0) / total,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  };
}

function fasterThan(one: UserLatency, other: UserLatency): boolean {
  return one.p99Ms < other.p99Ms || (one.p99Ms === other.p99Ms && one.meanMs < other.meanMs);
}
