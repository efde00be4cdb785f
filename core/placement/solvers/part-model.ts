import { CaseTerms, KINDS } from '../case-terms';
import type { Placement } from '../placement-case';
import { refusal } from '../violations';

/** The share of a function's load that one replica is to serve; most functions have one part with all of it. */
export interface Part {
  readonly fn: number;
  /** Regions whose load it serves, as places in the case. */
  readonly regions: readonly number[];
  /** 0-1. */
  readonly share: number;
  /** Regions that its node must reach within the SLA; null where the percentile over all regions decides. */
  readonly must: readonly number[] | null;
}

/** Calls between two parts, seen from one of them. Sums over all edges, weighted, in micro-dollars an hour. */
export interface Link {
  readonly other: number;
  /** For each ms of round trip from here to there. */
  readonly out: number;
  /** For each ms of round trip from there to here. */
  readonly into: number;
  /** Where the two are in different regions. */
  readonly crossing: number;
}

/**
 * A case as solvers want it: parts to be placed on one node each, with costs and demands in arrays. Row `part`, column `node`.
 * The cost of an assignment is the sum of `linear` at each part's node and of all links.
 */
export class PartModel {
  readonly parts: readonly Part[];
  readonly nodes: number;
  /** The weighted terms that do not depend on other parts. */
  readonly linear: Float64Array;
  /** 1 where a part may be, the SLA counted. */
  readonly allowed: Uint8Array;
  /** 1 where a part may be, the SLA left out: what schedulers know that know of no users. */
  readonly permitted: Uint8Array;
  readonly demand: Float64Array;
  readonly capacity: Float64Array;
  readonly links: readonly (readonly Link[])[];
  /** Other parts of the same function. */
  readonly siblings: readonly (readonly number[])[];
  /** Round trips: `ms[a × nodes + b]` from a to b, and the same turned round. */
  readonly ms: Float64Array;
  readonly msBack: Float64Array;
  /** 1 where two nodes are in different regions. */
  readonly crossed: Uint8Array;

  /** @param parts those of one function together cover all regions, each region once */
  constructor(
    readonly terms: CaseTerms,
    parts: readonly Part[] = wholeParts(terms),
  ) {
    const { nodes, nodeMs } = terms.problem;
    const count = nodes.length;
    this.parts = parts;
    this.nodes = count;
    this.ms = Float64Array.from({ length: count * count }, (_, i) => nodeMs[Math.floor(i / count)]![i % count]!);
    this.msBack = Float64Array.from({ length: count * count }, (_, i) => nodeMs[i % count]![Math.floor(i / count)]!);
    this.crossed = Uint8Array.from({ length: count * count }, (_, i) =>
      nodes[Math.floor(i / count)]!.region === nodes[i % count]!.region ? 0 : 1,
    );
    this.capacity = Float64Array.from(nodes.flatMap((_, node) => [...terms.capacity(node)]));
    this.linear = new Float64Array(parts.length * count);
    this.allowed = new Uint8Array(parts.length * count);
    this.permitted = new Uint8Array(parts.length * count);
    this.demand = new Float64Array(parts.length * KINDS);
    parts.forEach((part, index) => this.#fill(part, index));
    const byFunction = terms.problem.functions.map((): number[] => []);
    parts.forEach(({ fn }, index) => byFunction[fn]!.push(index));
    this.siblings = parts.map(({ fn }, index) => byFunction[fn]!.filter((other) => other !== index));
    this.links = linksOf(terms, parts, byFunction);
  }

  /** Weighted cost of the calls of a link with this end and the other on these nodes. */
  linkCost({ out, into, crossing }: Link, here: number, there: number): number {
    const cell = here * this.nodes + there;
    return out * this.ms[cell]! + into * this.msBack[cell]! + crossing * this.crossed[cell]!;
  }

  /** The cost of a whole assignment, in micro-dollars an hour. Parts at -1 count nothing. */
  cost(at: Int32Array): number {
    let sum = 0;
    at.forEach((node, part) => {
      if (node < 0) return;
      sum += this.linear[part * this.nodes + node]!;
      for (const link of this.links[part]!) {
        const there = at[link.other]!;
        if (there >= 0 && link.other > part) sum += this.linkCost(link, node, there);
      }
    });
    return sum;
  }

  /** The assignment in words. Parts at -1 are left out. */
  placement(at: Int32Array): Placement {
    const { functions, nodes } = this.terms.problem;
    const names = functions.map((): string[] => []);
    at.forEach((node, part) => {
      if (node >= 0) names[this.parts[part]!.fn]!.push(nodes[node]!.name);
    });
    return Object.fromEntries(functions.map(({ id }, fn) => [id, names[fn]!]));
  }

  #fill({ fn, regions, share, must }: Part, index: number): void {
    const { terms, nodes } = this;
    const { weights, regionMs, functions } = terms.problem;
    const { sla } = functions[fn]!;
    terms.demand(fn, share).forEach((amount, kind) => (this.demand[index * KINDS + kind] = amount));
    for (let node = 0; node < nodes; node++) {
      const cell = index * nodes + node;
      const user = regions.reduce((sum, region) => sum + terms.user(fn, region, node), 0);
      this.linear[cell] =
        weights.user * user +
        weights.data * share * terms.data(fn, node) +
        weights.resources * terms.resources(fn, share, node) +
        weights.migration * terms.migration(fn, node);
      if (refusal(terms, fn, node) !== null || !this.#fitsAlone(index, node)) continue;
      this.permitted[cell] = 1;
      const reaches = must
        ? must.every((region) => regionMs[region]![node]! <= (sla?.ms ?? Infinity))
        : terms.meetsSla(fn, [node]);
      if (reaches) this.allowed[cell] = 1;
    }
  }

  #fitsAlone(part: number, node: number): boolean {
    for (let kind = 0; kind < KINDS; kind++) {
      if (CaseTerms.exceeds(this.demand[part * KINDS + kind]!, this.capacity[node * KINDS + kind]!)) return false;
    }
    return true;
  }
}

/** One part for each function. */
export function wholeParts(terms: CaseTerms): Part[] {
  const regions = terms.problem.regions.map((_, region) => region);
  return terms.problem.functions.map((_, fn) => ({ fn, regions, share: 1, must: null }));
}

function linksOf(terms: CaseTerms, parts: readonly Part[], byFunction: readonly (readonly number[])[]): Link[][] {
  const { weights, prices } = terms.problem;
  const servedBy = byFunction.map((own) => {
    const row = new Int32Array(terms.problem.regions.length).fill(own[0] ?? -1);
    for (const part of own) for (const region of parts[part]!.regions) row[region] = part;
    return row;
  });
  const rows = parts.map(() => new Map<number, { other: number; out: number; into: number; crossing: number }>());
  const add = (from: number, to: number, calls: number, bytes: number): void => {
    const out = (weights.calls * calls * prices.waitSecond) / 1000;
    const crossing = (weights.calls * calls * bytes * prices.transferGb) / 1e9;
    const link = (here: number, other: number): { out: number; into: number; crossing: number } => {
      const row = rows[here]!;
      const known = row.get(other) ?? { other, out: 0, into: 0, crossing: 0 };
      row.set(other, known);
      known.crossing += crossing;
      return known;
    };
    link(from, to).out += out;
    link(to, from).into += out;
  };
  for (const { from, to, callsPerHour, bytesPerCall } of terms.calls) {
    const [own, others] = [byFunction[from]!, byFunction[to]!];
    const origins = terms.origins[from]!;
    if (own.length === 1 && others.length === 1) add(own[0]!, others[0]!, callsPerHour, bytesPerCall);
    else if (!origins.some((share) => share > 0)) add(own[0]!, others[0]!, callsPerHour, bytesPerCall);
    else
      origins.forEach((share, region) => {
        if (share > 0) add(servedBy[from]![region]!, servedBy[to]![region]!, callsPerHour * share, bytesPerCall);
      });
  }
  return rows.map((row) => [...row.values()]);
}
