import { CaseTerms } from '../case-terms';
import { replicasOf } from '../serving';
import { refusal } from '../violations';
import type { Part } from './part-model';

/** Nodes for each function whose SLA, size or least number of replicas one node cannot satisfy; a whole part for all others. */
export function neededParts(terms: CaseTerms): Part[] {
  const regions = terms.problem.regions.map((_, region) => region);
  return terms.problem.functions.flatMap((_, fn) => {
    const nodes = neededNodes(terms, fn);
    return nodes ? partsAt(terms, fn, nodes) : [{ fn, regions, share: 1, must: null }];
  });
}

/** The parts of a function whose replicas are on these nodes: each serves the regions that are nearest to it. */
export function partsAt(terms: CaseTerms, fn: number, nodes: readonly number[]): Part[] {
  if (nodes.length === 1) {
    return [{ fn, regions: terms.problem.regions.map((_, region) => region), share: 1, must: null }];
  }
  const { sla } = terms.problem.functions[fn]!;
  const users = terms.users[fn]!;
  const { regionMs } = terms.problem;
  return replicasOf(terms, fn, nodes).map(({ node, regions, share }) => ({
    fn,
    regions,
    share,
    must: sla ? regions.filter((region) => users[region]! > 0 && regionMs[region]![node]! <= sla.ms) : [],
  }));
}

/** Whether these nodes satisfy all that a function asks of its own replicas, each node taken as empty. */
export function suits(terms: CaseTerms, fn: number, nodes: readonly number[]): boolean {
  const { replicas } = terms.problem.functions[fn]!;
  const regions = new Set(nodes.map((node) => terms.problem.nodes[node]!.region));
  if (nodes.length < replicas.min || nodes.length > replicas.max || regions.size < nodes.length) return false;
  return (
    terms.meetsSla(fn, nodes) &&
    nodes.every((node) => refusal(terms, fn, node) === null) &&
    replicasOf(terms, fn, nodes).every(({ node, share }) => {
      const capacity = terms.capacity(node);
      return terms.demand(fn, share).every((amount, kind) => !CaseTerms.exceeds(amount, capacity[kind]!));
    })
  );
}

/** As few nodes as satisfy the function; null where one does, or where no number does. */
function neededNodes(terms: CaseTerms, fn: number): readonly number[] | null {
  const { replicas } = terms.problem.functions[fn]!;
  if (replicas.max === 1) return null;
  const open = terms.problem.nodes.map((_, node) => node).filter((node) => refusal(terms, fn, node) === null);
  if (open.some((node) => suits(terms, fn, [node]))) return null;
  let nodes: readonly number[] = [];
  while (nodes.length < replicas.max) {
    const wider = bestOfAll(terms, fn, withOneMore(terms, nodes, open));
    if (!wider) return null;
    nodes = exchanged(terms, fn, wider, open);
    if (suits(terms, fn, nodes)) return nodes.length > 1 ? nodes : null;
  }
  return null;
}

function withOneMore(terms: CaseTerms, nodes: readonly number[], open: readonly number[]): (readonly number[])[] {
  const { nodes: all } = terms.problem;
  const taken = new Set(nodes.map((node) => all[node]!.region));
  return open.filter((node) => !taken.has(all[node]!.region)).map((node) => [...nodes, node]);
}

/** Replaces one node after another by a better one until none is better. */
function exchanged(terms: CaseTerms, fn: number, nodes: readonly number[], open: readonly number[]): readonly number[] {
  let now = nodes;
  for (let better = true; better;) {
    better = false;
    for (const node of now) {
      const rest = now.filter((other) => other !== node);
      const next = bestOfAll(terms, fn, [now, ...withOneMore(terms, rest, open)]);
      if (next && next !== now) [now, better] = [next, true];
    }
  }
  return now;
}

/** Of several sets of nodes the one that suits, else reaches most users within the SLA's time; the cheapest of equals. */
function bestOfAll(terms: CaseTerms, fn: number, sets: readonly (readonly number[])[]): readonly number[] | null {
  let best: readonly number[] | null = null;
  let [reach, least] = [-1, Infinity];
  for (const nodes of sets) {
    const covered = suits(terms, fn, nodes) ? 2 : terms.coverage(fn, nodes);
    const cost = ownCost(terms, fn, nodes);
    if (covered < reach || (covered === reach && cost >= least)) continue;
    [best, reach, least] = [nodes, covered, cost];
  }
  return best;
}

function ownCost(terms: CaseTerms, fn: number, nodes: readonly number[]): number {
  return replicasOf(terms, fn, nodes).reduce(
    (sum, { node, regions, share }) =>
      sum + regions.reduce((all, region) => all + terms.user(fn, region, node), terms.resources(fn, share, node)),
    0,
  );
}
