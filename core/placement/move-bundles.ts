import type { MoveBoard } from './move-board';

/** Moves that only make sense together, in an order in which each finds room. */
export type Bundle = readonly number[];

/**
 * A function's move, with those of others that must leave first for it to find room.
 * @param most functions in the bundle
 * @returns null where no order of moves gets it there
 */
export function withRoomMakers(board: MoveBoard, fn: number, open: ReadonlySet<number>, most: number): Bundle | null {
  const bundle = [fn];
  for (;;) {
    const order = board.orderOf(bundle);
    if (order) return order;
    const next = bundle.length < most ? leaver(board, bundle, open) : undefined;
    if (next === undefined) return null;
    bundle.push(next);
  }
}

/** Functions on their way that are joined by calls, as long as there are at most so many: each alone would part from the others. */
export function callGroups(board: MoveBoard, open: ReadonlySet<number>, most: number): Bundle[] {
  const seen = new Set<number>();
  const groups: Bundle[] = [];
  for (const start of open) {
    if (seen.has(start)) continue;
    seen.add(start);
    const group = [start];
    for (const fn of group) {
      for (const other of board.openNeighbours(fn, open)) {
        if (seen.has(other)) continue;
        seen.add(other);
        group.push(other);
      }
    }
    const order = group.length > 1 && group.length <= most ? board.orderOf(group) : null;
    if (order) groups.push(order);
  }
  return groups;
}

/** Of the functions that leave a node on which one of the bundle finds no room, the one that saves most by it. */
function leaver(board: MoveBoard, bundle: readonly number[], open: ReadonlySet<number>): number | undefined {
  const full = new Set(bundle.filter((fn) => !board.hasRoom(fn)).flatMap((fn) => board.arrivals(fn)));
  let [best, most] = [undefined as number | undefined, -Infinity];
  for (const other of open) {
    if (bundle.includes(other) || !board.departures(other).some((node) => full.has(node))) continue;
    const saving = board.saving([other]);
    if (saving > most) [best, most] = [other, saving];
  }
  return best;
}
