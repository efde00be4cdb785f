import type { CaseTerms } from './case-terms';

/** One replica and what it serves. */
export interface Replica {
  readonly node: number;
  /** Regions whose load comes here, as places in the case. */
  readonly regions: readonly number[];
  /** Of the function's load, 0-1. */
  readonly share: number;
}

/**
 * Who serves whom: the load of each region goes to the replica that is nearest to it, the first of equals. A function that no
 * user reaches is served by its first replica alone.
 */
export function replicasOf(terms: CaseTerms, fn: number, nodes: readonly number[]): readonly Replica[] {
  if (nodes.length === 0) return [];
  const origins = terms.origins[fn]!;
  const served = nodes.map((): number[] => []);
  origins.forEach((_, region) => served[nearest(terms, region, nodes)]!.push(region));
  const reached = origins.some((share) => share > 0);
  return nodes.map((node, place) => {
    const regions = served[place]!;
    const share = reached ? regions.reduce((sum, region) => sum + origins[region]!, 0) : place === 0 ? 1 : 0;
    return { node, regions, share };
  });
}

/** The place in `nodes` of the one that serves a region. */
export function nearest(terms: CaseTerms, region: number, nodes: readonly number[]): number {
  const row = terms.problem.regionMs[region]!;
  return nodes.reduce((best, node, place) => (row[node]! < row[nodes[best]!]! ? place : best), 0);
}
