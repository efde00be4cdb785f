import { KINDS } from '../case-terms';
import type { SearchState } from './search-state';

/** Looked at: so many parts that lose most by where they sit, and so many of the nodes where each would cost less. */
const [MOST_PARTS, MOST_NODES] = [32, 4];

/**
 * Brings parts that cost much more than they would elsewhere to where they would cost less, together with those on the same node that
 * they are linked to, and sends away who is in the way there: first those that cost least by the room they give. What does not lower
 * the whole cost is taken back. Greedy choice leaves such groups where several nodes were nearly as good until all of them were full,
 * and single moves cannot mend it: none of a group goes before the others, and a large part needs the room of many.
 */
export function makeWay(state: SearchState): void {
  const losers = [...state.model.parts.keys()]
    .map((part) => ({ part, loss: lossOf(state, part) }))
    .filter(({ loss }) => loss > 0)
    .sort((a, b) => b.loss - a.loss || a.part - b.part);
  for (const { part } of losers.slice(0, MOST_PARTS)) {
    cheaperNodes(state, part)
      .slice(0, MOST_NODES)
      .some((node) => new Bringing(state, node).bring(part));
  }
}

/** What a part costs more than on its cheapest node, had that room, and were its links the same everywhere. */
function lossOf(state: SearchState, part: number): number {
  const { allowed, nodes } = state.model;
  let loss = 0;
  for (let node = 0; node < nodes; node++) {
    if (allowed[part * nodes + node] === 1) loss = Math.max(loss, -ownDelta(state, part, node));
  }
  return loss;
}

/** What a move adds to a part's own cost, its links left out. */
function ownDelta({ model, at }: SearchState, part: number, node: number): number {
  const row = part * model.nodes;
  return model.linear[row + node]! - model.linear[row + at[part]!]!;
}

/** Nodes that a part may be on and where it would cost less by itself, the cheapest first. */
function cheaperNodes(state: SearchState, part: number): number[] {
  const { model } = state;
  const nodes: number[] = [];
  for (let node = 0; node < model.nodes; node++) {
    if (model.allowed[part * model.nodes + node] === 1 && ownDelta(state, part, node) < 0) nodes.push(node);
  }
  return nodes.sort((a, b) => ownDelta(state, part, a) - ownDelta(state, part, b));
}

/** One try to bring a part and its group to a node. */
class Bringing {
  readonly #moves: { readonly part: number; readonly from: number }[] = [];

  constructor(
    private readonly state: SearchState,
    private readonly node: number,
  ) {}

  /** False, with everything where it was, where the whole would not cost less. */
  bring(part: number): boolean {
    const { state, node } = this;
    const before = state.cost;
    const group = groupOf(state, part);
    this.#clear(part, group);
    if (state.fits(part, node)) {
      this.#move(part, node);
      for (const other of group) {
        if (other === part || state.moveDelta(other, node) >= 0) continue;
        this.#clear(other, group);
        if (state.fits(other, node)) this.#move(other, node);
      }
      if (state.cost < before) return true;
    }
    for (const { part: moved, from } of this.#moves.reverse()) state.move(moved, from);
    return false;
  }

  /** Sends others away until a part fits, or nobody is left who can go. */
  #clear(part: number, group: ReadonlySet<number>): void {
    const { state, node } = this;
    if (state.fits(part, node) || state.model.allowed[part * state.model.nodes + node] === 0) return;
    for (const other of inTheWay(state, part, node, group)) {
      const next = state.cheapest(other, node);
      if (next >= 0) this.#move(other, next);
      if (state.fits(part, node)) return;
    }
  }

  #move(part: number, to: number): void {
    this.#moves.push({ part, from: this.state.at[part]! });
    this.state.move(part, to);
  }
}

/** A part and all on its node that are linked to it, by way of each other too. */
function groupOf({ model, at }: SearchState, part: number): Set<number> {
  const group = new Set([part]);
  // A set may grow while it is walked.
  for (const member of group) {
    for (const { other } of model.links[member]!) if (at[other] === at[part]) group.add(other);
  }
  return group;
}

/** Who sits on a node, outside the group, and holds what a part is short of there; by what sending it away costs for the room it gives. */
function inTheWay(state: SearchState, part: number, node: number, group: ReadonlySet<number>): number[] {
  const { model, free } = state;
  const [room, need] = [node * KINDS, part * KINDS];
  const short = Array.from({ length: KINDS }, (_, kind) =>
    Math.max(0, model.demand[need + kind]! - free[room + kind]!),
  );
  const found: { readonly other: number; readonly price: number }[] = [];
  for (let other = 0; other < state.at.length; other++) {
    if (state.at[other] !== node || group.has(other)) continue;
    const relief = short.reduce(
      (sum, amount, kind) => (amount === 0 ? sum : sum + Math.min(1, model.demand[other * KINDS + kind]! / amount)),
      0,
    );
    const next = relief > 0 ? state.cheapest(other, node) : -1;
    if (next >= 0) found.push({ other, price: state.moveDelta(other, next) / relief });
  }
  return found.sort((a, b) => a.price - b.price || a.other - b.other).map(({ other }) => other);
}
