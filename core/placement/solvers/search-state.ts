import { KINDS } from '../case-terms';
import type { PartModel } from './part-model';

/** Room may fall below zero by this share of a node's capacity: what additions and subtractions in turn may leave. */
const SLACK = 1e-9;

/**
 * An assignment under change. `table[part × nodes + node]` is what a part costs on each node with all others where they are, so
 * that any move is judged by one subtraction; moving a part renews the rows of those that it is linked to.
 */
export class SearchState {
  readonly at: Int32Array;
  readonly table: Float64Array;
  /** Room of each node in each resource. */
  readonly free: Float64Array;
  /** Micro-dollars an hour of all parts that are placed. */
  cost = 0;
  readonly #slack: Float64Array;

  /** With no part placed. */
  constructor(readonly model: PartModel) {
    this.at = new Int32Array(model.parts.length).fill(-1);
    this.table = model.linear.slice();
    this.free = model.capacity.slice();
    this.#slack = model.capacity.map((amount) => -(amount === Infinity ? 0 : amount * SLACK) - SLACK);
  }

  /** Places a part that sits nowhere. */
  place(part: number, node: number): void {
    this.cost += this.table[part * this.model.nodes + node]!;
    this.at[part] = node;
    this.#take(part, node, 1);
    this.#tell(part, node, 1);
  }

  /** Takes a part away from where it sits. */
  lift(part: number): void {
    const node = this.at[part]!;
    this.cost -= this.table[part * this.model.nodes + node]!;
    this.at[part] = -1;
    this.#take(part, node, -1);
    this.#tell(part, node, -1);
  }

  move(part: number, node: number): void {
    const { model, table } = this;
    const from = this.at[part]!;
    this.cost += table[part * model.nodes + node]! - table[part * model.nodes + from]!;
    this.at[part] = node;
    this.#take(part, from, -1);
    this.#take(part, node, 1);
    this.#shift(part, from, node);
  }

  /** Whether a part may be on a node and finds room there. */
  fits(part: number, node: number): boolean {
    return this.fitsInstead(part, node, -1);
  }

  /** Whether a part may be on a node and finds room there once another has left it (-1 for none). */
  fitsInstead(part: number, node: number, leaving: number): boolean {
    const { model, free } = this;
    if (model.allowed[part * model.nodes + node] === 0) return false;
    const [room, need, back] = [node * KINDS, part * KINDS, leaving * KINDS];
    for (let kind = 0; kind < KINDS; kind++) {
      const left = free[room + kind]! - model.demand[need + kind]! + (leaving < 0 ? 0 : model.demand[back + kind]!);
      if (left < this.#slack[room + kind]!) return false;
    }
    return model.siblings[part]!.length === 0 || this.#apart(part, node, leaving);
  }

  /** The cheapest node on which a part has room, one node left out; -1 where there is none. */
  cheapest(part: number, except = -1): number {
    const row = part * this.model.nodes;
    let [best, lowest] = [-1, Infinity];
    for (let node = 0; node < this.model.nodes; node++) {
      const cost = this.table[row + node]!;
      if (cost < lowest && node !== except && this.fits(part, node)) [best, lowest] = [node, cost];
    }
    return best;
  }

  /** What moving a part to a node adds to the cost. */
  moveDelta(part: number, node: number): number {
    const row = part * this.model.nodes;
    return this.table[row + node]! - this.table[row + this.at[part]!]!;
  }

  /** What exchanging two parts on different nodes adds to the cost. */
  swapDelta(a: number, b: number): number {
    const { model, at } = this;
    const [here, there] = [at[a]!, at[b]!];
    let delta = this.moveDelta(a, there) + this.moveDelta(b, here);
    for (const link of model.links[a]!) {
      if (link.other !== b) continue;
      // Each was priced as if the other stayed.
      delta += model.linkCost(link, there, here) + model.linkCost(link, here, there);
      delta -= model.linkCost(link, here, here) + model.linkCost(link, there, there);
    }
    return delta;
  }

  canSwap(a: number, b: number): boolean {
    return this.fitsInstead(a, this.at[b]!, b) && this.fitsInstead(b, this.at[a]!, a);
  }

  swap(a: number, b: number): void {
    const [here, there] = [this.at[a]!, this.at[b]!];
    this.move(a, there);
    this.move(b, here);
  }

  /** Takes over another assignment, in which every part is placed. */
  adopt(at: Int32Array): void {
    for (let part = 0; part < at.length; part++) {
      if (this.at[part] === -1) this.place(part, at[part]!);
      else if (this.at[part] !== at[part]) this.move(part, at[part]!);
    }
    this.cost = this.model.cost(this.at);
  }

  #apart(part: number, node: number, leaving: number): boolean {
    const { model, at } = this;
    return model.siblings[part]!.every((other) => {
      const there = at[other]!;
      return there < 0 || other === leaving || model.crossed[there * model.nodes + node] === 1;
    });
  }

  #take(part: number, node: number, sign: number): void {
    const { free, model } = this;
    const [room, need] = [node * KINDS, part * KINDS];
    for (let kind = 0; kind < KINDS; kind++) free[room + kind]! -= sign * model.demand[need + kind]!;
  }

  /** Adds or takes away, in the rows of linked parts, what their link to a part on a node costs. */
  #tell(part: number, node: number, sign: number): void {
    const { nodes, links, ms, msBack, crossed } = this.model;
    const column = node * nodes;
    for (const { other, out, into, crossing } of links[part]!) {
      const row = other * nodes;
      for (let there = 0; there < nodes; there++) {
        const cost = out * ms[column + there]! + into * msBack[column + there]! + crossing * crossed[column + there]!;
        this.table[row + there]! += sign * cost;
      }
    }
  }

  #shift(part: number, from: number, to: number): void {
    const { nodes, links, ms, msBack, crossed } = this.model;
    const { table } = this;
    const [old, now] = [from * nodes, to * nodes];
    for (const { other, out, into, crossing } of links[part]!) {
      const row = other * nodes;
      for (let there = 0; there < nodes; there++) {
        table[row + there]! +=
          out * (ms[now + there]! - ms[old + there]!) +
          into * (msBack[now + there]! - msBack[old + there]!) +
          crossing * (crossed[now + there]! - crossed[old + there]!);
      }
    }
  }
}
