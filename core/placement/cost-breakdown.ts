import { CaseTerms, type IndexedCall } from './case-terms';
import type { Placement, PlacementCase } from './placement-case';
import { COST_TERMS, type CostTerm } from './placement-prices';
import { nearest, replicasOf } from './serving';

/** Each term of cost with its weight, in micro-dollars an hour. */
export type Costs = Readonly<Record<CostTerm, number>>;

export interface CostBreakdown {
  /** The sum of all terms, in micro-dollars an hour. */
  readonly total: number;
  readonly terms: Costs;
  /** By function id. A call between two functions counts half for each of them, so that the sum is the total. */
  readonly functions: Readonly<Record<string, Costs>>;
}

/** What a placement costs an hour, term by term and function by function. A function that is placed nowhere costs nothing. */
export function costBreakdown(
  problem: PlacementCase,
  placement: Placement,
  terms = new CaseTerms(problem),
): CostBreakdown {
  const { functions } = problem;
  const at = nodePlaces(terms, placement);
  const rows = functions.map((_, fn) => ownCosts(terms, fn, at[fn]!));
  for (const call of terms.calls) {
    const cost = problem.weights.calls * callCost(terms, call, at[call.from]!, at[call.to]!);
    rows[call.from]!.calls += cost / 2;
    rows[call.to]!.calls += cost / 2;
  }
  const sums = Object.fromEntries(
    COST_TERMS.map((term) => [term, rows.reduce((sum, row) => sum + row[term], 0)]),
  ) as Record<CostTerm, number>;
  return {
    total: sumOf(sums),
    terms: sums,
    functions: Object.fromEntries(functions.map(({ id }, fn) => [id, rows[fn]!])),
  };
}

/** All five terms together. */
export function sumOf(costs: Costs): number {
  return COST_TERMS.reduce((sum, term) => sum + costs[term], 0);
}

/** A placement with nodes as places in the case, a list for each function; names that the case does not know are left out. */
export function nodePlaces(terms: CaseTerms, placement: Placement): readonly (readonly number[])[] {
  return terms.problem.functions.map(({ id }) =>
    (placement[id] ?? []).map((name) => terms.nodeAt.get(name)).filter((node) => node !== undefined),
  );
}

/** Of one call edge, unweighted: the load of each origin goes from the replica that serves it there to the one that serves it here. */
export function callCost(terms: CaseTerms, call: IndexedCall, from: readonly number[], to: readonly number[]): number {
  if (from.length === 0 || to.length === 0) return 0;
  const { callsPerHour, bytesPerCall } = call;
  const origins = terms.origins[call.from]!;
  const spread = from.length > 1 || to.length > 1;
  if (!spread || !origins.some((share) => share > 0)) return terms.call(callsPerHour, bytesPerCall, from[0]!, to[0]!);
  return origins.reduce((sum, share, region) => {
    if (share === 0) return sum;
    const [source, target] = [from[nearest(terms, region, from)]!, to[nearest(terms, region, to)]!];
    return sum + terms.call(callsPerHour * share, bytesPerCall, source, target);
  }, 0);
}

/** The terms of one function that do not depend on others, weighted; its calls are left at 0. */
export function ownCosts(terms: CaseTerms, fn: number, nodes: readonly number[]): Record<CostTerm, number> {
  const { weights } = terms.problem;
  const costs = { user: 0, data: 0, calls: 0, resources: 0, migration: 0 };
  for (const { node, regions, share } of replicasOf(terms, fn, nodes)) {
    for (const region of regions) costs.user += weights.user * terms.user(fn, region, node);
    costs.data += weights.data * share * terms.data(fn, node);
    costs.resources += weights.resources * terms.resources(fn, share, node);
    costs.migration += weights.migration * terms.migration(fn, node);
  }
  return costs;
}
