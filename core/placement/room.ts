import { CaseTerms, KINDS } from './case-terms';
import { replicasOf } from './serving';

/** How much of each node is used, while functions come and go. Nodes and functions are places in the case. */
export class Room {
  readonly #used: Float64Array;

  constructor(
    private readonly terms: CaseTerms,
    at: readonly (readonly number[])[] = [],
  ) {
    this.#used = new Float64Array(terms.problem.nodes.length * KINDS);
    at.forEach((nodes, fn) => this.add(fn, nodes));
  }

  add(fn: number, nodes: readonly number[], sign = 1): void {
    for (const { node, share } of replicasOf(this.terms, fn, nodes)) {
      this.terms.demand(fn, share).forEach((amount, kind) => (this.#used[node * KINDS + kind]! += sign * amount));
    }
  }

  remove(fn: number, nodes: readonly number[]): void {
    this.add(fn, nodes, -1);
  }

  /** Whether a function that is not counted at the moment has room on all of these nodes. */
  holds(fn: number, nodes: readonly number[]): boolean {
    return replicasOf(this.terms, fn, nodes).every(({ node, share }) => {
      const capacity = this.terms.capacity(node);
      return this.terms
        .demand(fn, share)
        .every((amount, kind) => !CaseTerms.exceeds(this.#used[node * KINDS + kind]! + amount, capacity[kind]!));
    });
  }

  /** Whether a node has room for one instance that nobody calls: the least that a replica is. */
  admits(fn: number, node: number): boolean {
    const capacity = this.terms.capacity(node);
    return this.terms
      .demand(fn, 0)
      .every((amount, kind) => !CaseTerms.exceeds(this.#used[node * KINDS + kind]! + amount, capacity[kind]!));
  }

  /** Whether more is used of a node than it has. */
  overloaded(node: number): boolean {
    return this.terms
      .capacity(node)
      .some((capacity, kind) => CaseTerms.exceeds(this.#used[node * KINDS + kind]!, capacity));
  }
}
