import { KINDS } from '../case-terms';
import type { SearchState } from './search-state';

const TRIES_PER_PART = 200;
const LEAST_TRIES = 4_000;
/** Moves without a gain between two tries, so that the same crowd is not met again and again. */
const SHAKES = 6;

/**
 * Places the parts that found no room by taking others out in their favour: of all nodes, and of all sets of one or two parts there that
 * would make room (more where it takes more), the set that was hardest to place least often (an ejection pool with counters, Nagata and Bräysy 2009). What was
 * taken out is placed next.
 * @returns whether every part is placed; after so many tries it is given up, and the rest stays at -1
 */
export function makeRoom(state: SearchState, random: () => number): boolean {
  const { model, at } = state;
  const pool: number[] = [];
  at.forEach((node, part) => {
    if (node === -1) pool.push(part);
  });
  const hard = new Float64Array(at.length).fill(1);
  let tries = Math.max(LEAST_TRIES, TRIES_PER_PART * at.length);
  while (pool.length > 0 && tries-- > 0) {
    const part = pool.pop()!;
    const node = state.cheapest(part);
    if (node >= 0) {
      state.place(part, node);
      continue;
    }
    hard[part]!++;
    const way = leastHard(state, part, hard, random);
    if (!way) {
      pool.unshift(part);
      if (pool.every((each) => model.allowed.indexOf(1, each * model.nodes) < 0)) return false;
      continue;
    }
    for (const other of way.out) {
      state.lift(other);
      pool.push(other);
    }
    state.place(part, way.node);
    shake(state, random);
  }
  for (const part of pool.splice(0)) {
    const node = state.cheapest(part);
    if (node >= 0) state.place(part, node);
    else pool.push(part);
  }
  return pool.length === 0;
}

function leastHard(
  state: SearchState,
  part: number,
  hard: Float64Array,
  random: () => number,
): { node: number; out: readonly number[] } | null {
  const { model, at } = state;
  let chosen: { node: number; out: readonly number[] } | null = null;
  let [lowest, equals] = [Infinity, 0];
  const offer = (node: number, out: readonly number[]): void => {
    const sum = out.reduce((total, other) => total + hard[other]!, 0);
    if (sum > lowest) return;
    equals = sum < lowest ? 1 : equals + 1;
    lowest = sum;
    if (random() * equals < 1) chosen = { node, out };
  };
  for (let node = 0; node < model.nodes; node++) {
    if (model.allowed[part * model.nodes + node] === 0) continue;
    const brothers = model.siblings[part]!.filter(
      (other) => at[other]! >= 0 && model.crossed[at[other]! * model.nodes + node] === 0,
    );
    const members = [...at.keys()].filter((other) => at[other] === node && !brothers.includes(other));
    if (brothers.length > 0 && roomy(state, part, node, brothers)) offer(node, brothers);
    members.forEach((first, place) => {
      if (roomy(state, part, node, [...brothers, first])) return offer(node, [...brothers, first]);
      for (const second of members.slice(place + 1)) {
        if (hard[first]! + hard[second]! > lowest) continue;
        if (roomy(state, part, node, [...brothers, first, second])) offer(node, [...brothers, first, second]);
      }
    });
    if (!chosen) offer(node, crowdOut(state, part, node, brothers, members, hard));
  }
  return chosen;
}

/** Those easiest to place leave until there is room, and those come back for whom there still is. */
function crowdOut(
  state: SearchState,
  part: number,
  node: number,
  brothers: readonly number[],
  members: readonly number[],
  hard: Float64Array,
): readonly number[] {
  const out = [...brothers];
  for (const other of [...members].sort((a, b) => hard[a]! - hard[b]!)) {
    if (roomy(state, part, node, out)) break;
    out.push(other);
  }
  return [...out].filter((other) => {
    const needed =
      brothers.includes(other) ||
      !roomy(
        state,
        part,
        node,
        out.filter((each) => each !== other),
      );
    if (!needed) out.splice(out.indexOf(other), 1);
    return needed;
  });
}

/** Whether a part has room on a node once others have gone, those that are elsewhere not counted. */
function roomy({ model, free, at }: SearchState, part: number, node: number, out: readonly number[]): boolean {
  for (let kind = 0; kind < KINDS; kind++) {
    let room = free[node * KINDS + kind]!;
    for (const other of out) if (at[other] === node) room += model.demand[other * KINDS + kind]!;
    if (room < model.demand[part * KINDS + kind]!) return false;
  }
  return true;
}

/** Some moves at random, each within the constraints. */
function shake(state: SearchState, random: () => number): void {
  const { model, at } = state;
  for (let i = 0; i < SHAKES; i++) {
    const part = Math.floor(random() * at.length);
    const node = Math.floor(random() * model.nodes);
    if (at[part]! >= 0 && at[part] !== node && state.fits(part, node)) state.move(part, node);
  }
}
