import type { SearchState } from './search-state';

/**
 * Places every part that sits nowhere: always the one next that would lose most by waiting, which is the difference between its best
 * and its second best node that has room. Parts with one node left go first. Those that find no room stay at -1.
 * A part's choices are looked at again only when one of its two best nodes has no more room or a linked part was placed.
 */
export function placeByRegret(state: SearchState): void {
  const { model } = state;
  const count = model.parts.length;
  const best = new Int32Array(count).fill(-1);
  const second = new Int32Array(count).fill(-1);
  const regret = new Float64Array(count);
  const look = (part: number): void => {
    const row = part * model.nodes;
    let [first, next] = [-1, -1];
    let [low, high] = [Infinity, Infinity];
    for (let node = 0; node < model.nodes; node++) {
      const cost = state.table[row + node]!;
      if (cost >= high || !state.fits(part, node)) continue;
      if (cost < low) [next, high, first, low] = [first, low, node, cost];
      else [next, high] = [node, cost];
    }
    best[part] = first;
    second[part] = next;
    regret[part] = first < 0 ? -1 : next < 0 ? Infinity : high - low;
  };
  const waiting: number[] = [];
  for (let part = 0; part < count; part++) if (state.at[part] === -1) waiting.push(part);
  waiting.forEach(look);
  while (waiting.length > 0) {
    let place = 0;
    for (let i = 1; i < waiting.length; i++) if (regret[waiting[i]!]! > regret[waiting[place]!]!) place = i;
    const part = waiting[place]!;
    waiting[place] = waiting.at(-1)!;
    waiting.pop();
    const node = best[part]!;
    if (node < 0) continue;
    state.place(part, node);
    const linked = new Set(model.links[part]!.map(({ other }) => other));
    for (const sibling of model.siblings[part]!) linked.add(sibling);
    for (const other of waiting) {
      const counted = best[other] === node || second[other] === node;
      if (linked.has(other) || (counted && !state.fits(other, node))) look(other);
    }
  }
}
