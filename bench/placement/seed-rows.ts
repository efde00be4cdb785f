import { CaseTerms } from '../../core/placement/case-terms';
import { costBreakdown, nodePlaces } from '../../core/placement/cost-breakdown';
import type { Placement, PlacementCase } from '../../core/placement/placement-case';
import { nearest, replicasOf } from '../../core/placement/serving';
import { userLatency } from '../../core/placement/user-latency';
import { violationsOf } from '../../core/placement/violations';

const HOURS = 24;
const MICRO = 1e6;

/** One placement in the rows of the design document's table. */
export interface SeedRows {
  readonly userP99Ms: number;
  readonly userMeanMs: number;
  /** Waited for data by the mean call that reads any. */
  readonly dataMs: number;
  /** Round trip of the mean call from one function to another. */
  readonly callMs: number;
  /** CPU in use, of the nodes that hold anything, 0-1. */
  readonly utilisation: number;
  /** All five terms. */
  readonly dollarsADay: number;
  /** Of it CPU and memory. */
  readonly roomDollarsADay: number;
  /** Hard constraints that it breaks. */
  readonly violations: number;
}

export function seedRows(problem: PlacementCase, placement: Placement): SeedRows {
  const terms = new CaseTerms(problem);
  const at = nodePlaces(terms, placement);
  const costs = costBreakdown(problem, placement, terms);
  const latency = userLatency(problem, placement);
  return {
    userP99Ms: latency?.p99Ms ?? 0,
    userMeanMs: latency?.meanMs ?? 0,
    dataMs: dataMs(terms, at),
    callMs: callMs(terms, at),
    utilisation: utilisation(terms, at),
    dollarsADay: (HOURS * costs.total) / MICRO,
    roomDollarsADay: (HOURS * costs.terms.resources) / MICRO,
    violations: violationsOf(problem, placement, terms).length,
  };
}

type Places = readonly (readonly number[])[];

function dataMs(terms: CaseTerms, at: Places): number {
  const { functions, regions, regionMs } = terms.problem;
  let [waited, calls] = [0, 0];
  functions.forEach(({ data }, fn) => {
    if (data.length === 0) return;
    for (const { node, share } of replicasOf(terms, fn, at[fn]!)) {
      const rate = share * terms.totals[fn]!;
      calls += rate;
      for (const { region, tripsPerCall } of data)
        waited += rate * tripsPerCall * regionMs[regions.indexOf(region)]![node]!;
    }
  });
  return calls === 0 ? 0 : waited / calls;
}

function callMs(terms: CaseTerms, at: Places): number {
  const { nodeMs } = terms.problem;
  let [waited, calls] = [0, 0];
  for (const { from, to, callsPerHour } of terms.calls) {
    const [source, target] = [at[from]!, at[to]!];
    if (source.length === 0 || target.length === 0) continue;
    terms.origins[from]!.forEach((share, region) => {
      const [here, there] = [source[nearest(terms, region, source)]!, target[nearest(terms, region, target)]!];
      waited += share * callsPerHour * nodeMs[here]![there]!;
      calls += share * callsPerHour;
    });
  }
  return calls === 0 ? 0 : waited / calls;
}

function utilisation(terms: CaseTerms, at: Places): number {
  const { nodes } = terms.problem;
  const used = nodes.map(() => 0);
  at.forEach((places, fn) => {
    for (const { node, share } of replicasOf(terms, fn, places)) used[node]! += terms.demand(fn, share)[0];
  });
  const held = nodes.filter((_, node) => used[node]! > 0).reduce((sum, { cpuMillis }) => sum + cpuMillis, 0);
  return held === 0 ? 0 : used.reduce((sum, amount) => sum + amount, 0) / held;
}
