import { Crowd } from './crowd';
import type { SearchState } from './search-state';

/** How an annealing cools: geometrically over so many steps, between temperatures in micro-dollars an hour. */
export interface Cooling {
  readonly steps: number;
  readonly from: number;
  readonly to: number;
}

/** Of the steps, so many bring a part to a cheaper node and send others away until it has room. */
const PUSH_SHARE = 0.1;
/** Of the others, so many try to exchange two parts. */
const SWAP_SHARE = 0.25;
/** Parts sent away in favour of one, at most. */
const MOST_PUSHED = 12;
/** Steps between two looks at the temperature. */
const STRIDE = 64;

/**
 * Simulated annealing over moves, swaps and moves that send others on, every step within the hard constraints. The state must
 * have all parts placed; it ends at the best assignment that was seen. The same random numbers give the same end.
 */
export function anneal(state: SearchState, cooling: Cooling, random: () => number): void {
  if (cooling.from > 0) new Annealing(state, cooling, random).run();
}

class Annealing {
  readonly #choices: readonly Int32Array[];
  readonly #movable: readonly number[];
  readonly #crowd: Crowd;
  readonly #pushed: number[] = [];
  #temperature = 0;

  constructor(
    private readonly state: SearchState,
    private readonly cooling: Cooling,
    private readonly random: () => number,
  ) {
    const { model, at } = state;
    const all = Array.from({ length: model.nodes }, (_, node) => node);
    this.#choices = model.parts.map((_, part) =>
      Int32Array.from(all.filter((node) => model.allowed[part * model.nodes + node] === 1)),
    );
    this.#movable = [...model.parts.keys()].filter((part) => this.#choices[part]!.length > 1);
    this.#crowd = new Crowd(at, model.nodes);
  }

  run(): void {
    const { state, random } = this;
    const { steps, from, to } = this.cooling;
    if (this.#movable.length === 0) return;
    const best = state.at.slice();
    let lowest = state.cost;
    for (let step = 0; step < steps; step++) {
      if (step % STRIDE === 0) this.#temperature = from * (to / from) ** (step / steps);
      const part = this.#drawn(this.#movable);
      if (random() < PUSH_SHARE) this.#push(part);
      else if (random() < SWAP_SHARE) this.#swap(part, this.#drawn(this.#movable));
      else this.#step(part);
      if (state.cost < lowest) {
        lowest = state.cost;
        best.set(state.at);
      }
    }
    state.adopt(best);
  }

  /** To any node; where that is full, in exchange for one of those there, or with that one going elsewhere. */
  #step(part: number): void {
    const { state } = this;
    const node = this.#drawn(this.#choices[part]!);
    if (node === state.at[part]) return;
    if (state.fits(part, node)) {
      if (this.#accepts(state.moveDelta(part, node))) this.#move(part, node);
      return;
    }
    const other = this.#crowd.pick(node, this.random);
    if (other < 0) return;
    if (state.canSwap(part, other)) this.#swap(part, other);
    else this.#sendOn(part, node, other);
  }

  #swap(a: number, b: number): void {
    const { state } = this;
    const [here, there] = [state.at[a]!, state.at[b]!];
    if (here === there || !state.canSwap(a, b) || !this.#accepts(state.swapDelta(a, b))) return;
    this.#move(a, there);
    this.#move(b, here);
  }

  #sendOn(part: number, node: number, other: number): void {
    const { state } = this;
    const next = this.#drawn(this.#choices[other]!);
    if (next === node || next === state.at[part]) return;
    if (!state.fitsInstead(part, node, other) || !state.fits(other, next)) return;
    // Deltas of linked parts do not add up.
    if (state.model.links[part]!.some((link) => link.other === other)) return;
    if (!this.#accepts(state.moveDelta(part, node) + state.moveDelta(other, next))) return;
    this.#move(other, next);
    this.#move(part, node);
  }

  /** To a cheaper node, from which others go one by one to the cheapest that has room for them; all of it taken back if too dear. */
  #push(part: number): void {
    const { state } = this;
    const [from, node] = [state.at[part]!, this.#drawn(this.#choices[part]!)];
    if (node === from || state.moveDelta(part, node) >= 0) return;
    const before = state.cost;
    this.#pushed.length = 0;
    for (let tries = 0; !state.fits(part, node) && tries < MOST_PUSHED; tries++) {
      const other = this.#crowd.pick(node, this.random);
      const next = other < 0 ? -1 : state.cheapest(other, node);
      if (next < 0) continue;
      this.#pushed.push(other);
      this.#move(other, next);
    }
    if (state.fits(part, node)) {
      this.#move(part, node);
      if (this.#accepts(state.cost - before)) return;
      this.#move(part, from);
    }
    for (let last = this.#pushed.length - 1; last >= 0; last--) this.#move(this.#pushed[last]!, node);
  }

  #move(part: number, node: number): void {
    this.#crowd.move(part, this.state.at[part]!, node);
    this.state.move(part, node);
  }

  #accepts(delta: number): boolean {
    return delta <= 0 || this.random() < Math.exp(-delta / this.#temperature);
  }

  #drawn(from: Int32Array | readonly number[]): number {
    return from[Math.floor(this.random() * from.length)]!;
  }
}
