import { anneal } from './anneal';
import { descend } from './descend';
import { assignments, exhaustive } from './exhaustive';
import { makeRoom } from './make-room';
import { makeWay } from './make-way';
import type { PartModel } from './part-model';
import { placeByRegret } from './regret-greedy';
import { SearchState } from './search-state';

/** Up to so many assignments all are looked at, which gives the optimum. */
const FEW = 50_000;
/** Steps of the search for any assignment that fits, where everything else has failed. */
const LAST_RESORT_STEPS = 200_000;
const SAMPLES = 1_000;
/** Steps of annealing: so many times a power of parts × nodes. */
const [STEPS, STEPS_POWER] = [700, 0.65];
/** Rounds of annealing: their share of the steps, and the temperatures as shares of what a random move costs more, on the mean. */
const ROUNDS = [
  { share: 0.4, hottest: 0.4, coldest: 0.01 },
  { share: 0.4, hottest: 0.4, coldest: 0.01 },
  { share: 0.2, hottest: 0.01, coldest: 0.0003 },
];

/**
 * Places all parts at the least cost that is found: all assignments where they are few, else regret greedy, room made for those that
 * found none and way for those that sit badly, annealing and descent. Parts are left at -1 where nothing was found that fits.
 */
export function solveParts(model: PartModel, random: () => number): Int32Array {
  if (assignments(model) <= FEW) {
    const { at, complete } = exhaustive(model, Infinity);
    if (at && complete) return at;
  }
  const state = new SearchState(model);
  placeByRegret(state);
  if (state.at.includes(-1) && !makeRoom(state, random)) {
    const { at } = exhaustive(model, LAST_RESORT_STEPS, true);
    if (!at) return state.at;
    state.adopt(at);
  }
  return improved(state, random);
}

function improved(state: SearchState, random: () => number): Int32Array {
  const { model } = state;
  const steps = STEPS * (model.parts.length * model.nodes) ** STEPS_POWER;
  settle(state);
  const typical = typicalRise(state, random);
  let best = state.at.slice();
  let lowest = state.cost;
  for (const { share, hottest, coldest } of ROUNDS) {
    anneal(state, { steps: share * steps, from: hottest * typical, to: coldest * typical }, random);
    settle(state);
    if (state.cost < lowest) [best, lowest] = [state.at.slice(), state.cost];
  }
  return best;
}

function settle(state: SearchState): void {
  descend(state);
  makeWay(state);
  descend(state);
}

/** What a move to a random node costs more on the mean, those that cost less left out. */
function typicalRise(state: SearchState, random: () => number): number {
  const { model } = state;
  let [sum, count] = [0, 0];
  for (let i = 0; i < SAMPLES; i++) {
    const part = Math.floor(random() * model.parts.length);
    const node = Math.floor(random() * model.nodes);
    if (model.allowed[part * model.nodes + node] === 0) continue;
    const delta = state.moveDelta(part, node);
    if (delta > 0) [sum, count] = [sum + delta, count + 1];
  }
  return count === 0 ? 0 : sum / count;
}
