import type { CaseTerms, IndexedCall } from './case-terms';
import { callCost, ownCosts, sumOf } from './cost-breakdown';

/** What single functions cost, and what another place for one of them would change. Nodes and functions are places in the case. */
export class FunctionCost {
  readonly #edges: readonly (readonly IndexedCall[])[];

  constructor(private readonly terms: CaseTerms) {
    const edges = terms.problem.functions.map((): IndexedCall[] => []);
    for (const call of terms.calls) {
      edges[call.from]!.push(call);
      edges[call.to]!.push(call);
    }
    this.#edges = edges;
  }

  /** Those that call a function or are called by it. */
  neighbours(fn: number): readonly number[] {
    return this.#edges[fn]!.map(({ from, to }) => (from === fn ? to : from));
  }

  /** Of a function on these nodes, with all its calls in both directions, the others being where `at` says. */
  of(fn: number, nodes: readonly number[], at: readonly (readonly number[])[]): number {
    return sumOf(ownCosts(this.terms, fn, nodes)) + this.calls(fn, nodes, at);
  }

  /** The calls alone. */
  calls(fn: number, nodes: readonly number[], at: readonly (readonly number[])[]): number {
    const { weights } = this.terms.problem;
    return this.#edges[fn]!.reduce((sum, call) => {
      const [from, to] = call.from === fn ? [nodes, at[call.to]!] : [at[call.from]!, nodes];
      return sum + weights.calls * callCost(this.terms, call, from, to);
    }, 0);
  }
}
