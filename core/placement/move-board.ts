import type { CaseTerms } from './case-terms';
import { ownCosts, sumOf, type Costs } from './cost-breakdown';
import { FunctionCost } from './function-cost';
import { Room } from './room';

/** Where functions are and where they are to go, while moves are tried one after another. Everything by places in the case. */
export class MoveBoard {
  readonly at: (readonly number[])[];
  readonly #costs: FunctionCost;
  readonly #room: Room;

  constructor(
    readonly terms: CaseTerms,
    from: readonly (readonly number[])[],
    readonly goal: readonly (readonly number[])[],
  ) {
    this.at = [...from];
    this.#costs = new FunctionCost(terms);
    this.#room = new Room(terms, from);
  }

  /** Functions that are not where they are to go. */
  open(): number[] {
    return [...this.goal.keys()].filter((fn) => !sameNodes(this.at[fn]!, this.goal[fn]!));
  }

  /** Takes a function to its goal, whether it has room there or not. */
  take(fn: number): void {
    this.#put(fn, this.goal[fn]!);
  }

  /** Whether the function has room at its goal while it is still where it was. */
  hasRoom(fn: number): boolean {
    this.#room.remove(fn, this.at[fn]!);
    const holds = this.#room.holds(fn, this.goal[fn]!);
    this.#room.add(fn, this.at[fn]!);
    return holds;
  }

  overloaded(fn: number): boolean {
    return this.at[fn]!.some((node) => this.#room.overloaded(node));
  }

  /** Nodes that the function would come to. */
  arrivals(fn: number): number[] {
    return this.goal[fn]!.filter((node) => !this.at[fn]!.includes(node));
  }

  /** Nodes that the function would leave. */
  departures(fn: number): number[] {
    return this.at[fn]!.filter((node) => !this.goal[fn]!.includes(node));
  }

  /** An order in which all of these find room one after another; null where there is none. */
  orderOf(fns: readonly number[]): number[] | null {
    const before = fns.map((fn) => this.at[fn]!);
    const order: number[] = [];
    const left = [...fns];
    for (let place = 0; place < left.length;) {
      const fn = left[place]!;
      if (!this.hasRoom(fn)) {
        place++;
        continue;
      }
      this.take(fn);
      order.push(fn);
      left.splice(place, 1);
      place = 0;
    }
    fns.forEach((fn, index) => this.#put(fn, before[index]!));
    return left.length === 0 ? order : null;
  }

  /** What moving all of these saves an hour, with what the moves cost taken off; weighted micro-dollars. */
  saving(fns: readonly number[]): number {
    const before = fns.map((fn) => this.at[fn]!);
    let saved = 0;
    for (const fn of fns) {
      saved += this.running(fn, this.at[fn]!) - this.running(fn, this.goal[fn]!) - this.moveAnHour(fn);
      this.at[fn] = this.goal[fn]!;
    }
    fns.forEach((fn, index) => (this.at[fn] = before[index]!));
    return saved;
  }

  /** What a function costs an hour on some nodes with all its calls, moves not counted. */
  running(fn: number, nodes: readonly number[]): number {
    return sumOf({ ...this.costs(fn, nodes), migration: 0 });
  }

  /** The five terms of a function on some nodes, its calls in full. */
  costs(fn: number, nodes: readonly number[]): Costs {
    return { ...ownCosts(this.terms, fn, nodes), calls: this.#costs.calls(fn, nodes, this.at) };
  }

  /** Micro-dollars, once, unweighted: of all replicas that come to another node. A function that was nowhere is not moved. */
  moveOnce(fn: number): number {
    return this.at[fn]!.length === 0 ? 0 : this.arrivals(fn).length * this.terms.moveOnce(fn);
  }

  /** The same paid off over hours and weighted. */
  moveAnHour(fn: number): number {
    const { prices, weights } = this.terms.problem;
    return (weights.migration * this.moveOnce(fn)) / prices.payOffHours;
  }

  /** Functions on their way that call this one or are called by it. */
  openNeighbours(fn: number, open: ReadonlySet<number>): number[] {
    return this.#costs.neighbours(fn).filter((other) => open.has(other));
  }

  #put(fn: number, nodes: readonly number[]): void {
    this.#room.remove(fn, this.at[fn]!);
    this.#room.add(fn, nodes);
    this.at[fn] = nodes;
  }
}

export function sameNodes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((node) => b.includes(node));
}
