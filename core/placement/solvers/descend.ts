import type { SearchState } from './search-state';

/** Gains below this share of the cost are rounding. */
const LEAST_GAIN = 1e-12;

/**
 * Takes every move and every swap that lowers the cost until none is left. All parts must be placed. Ends at an assignment that no
 * single move or exchange within the hard constraints betters.
 */
export function descend(state: SearchState): void {
  const least = LEAST_GAIN * Math.abs(state.cost);
  let better = true;
  while (better) {
    better = movesDown(state, least);
    better = swapsDown(state, least) || better;
  }
  state.cost = state.model.cost(state.at);
}

function movesDown(state: SearchState, least: number): boolean {
  const { model, at } = state;
  let better = false;
  for (let part = 0; part < at.length; part++) {
    let [best, lowest] = [-1, -least];
    for (let node = 0; node < model.nodes; node++) {
      if (node === at[part]) continue;
      const delta = state.moveDelta(part, node);
      if (delta < lowest && state.fits(part, node)) [best, lowest] = [node, delta];
    }
    if (best < 0) continue;
    state.move(part, best);
    better = true;
  }
  return better;
}

function swapsDown(state: SearchState, least: number): boolean {
  const { at } = state;
  let better = false;
  for (let a = 0; a < at.length; a++) {
    for (let b = a + 1; b < at.length; b++) {
      if (at[a] === at[b] || state.moveDelta(a, at[b]!) + state.moveDelta(b, at[a]!) >= 0) continue;
      if (state.swapDelta(a, b) >= -least || !state.canSwap(a, b)) continue;
      state.swap(a, b);
      better = true;
    }
  }
  return better;
}
