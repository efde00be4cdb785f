import type { SlotFunction, SlotRests } from './slot-function';

/** A slot and how many of its calls have come. */
interface Cursor {
  readonly slot: number;
  readonly rests: SlotRests;
  call: number;
  /** When its next call comes. */
  at: number;
}

/**
 * Visits the calls of all functions in the order of their time: all slots' next calls lie in a heap.
 * @param visit gets the slot's number over all functions, when the call comes and when it ends
 */
export function callsInOrder(
  functions: readonly SlotFunction[],
  visit: (slot: number, at: number, until: number) => void,
): void {
  const heap: Cursor[] = functions
    .flatMap(({ slots }) => slots)
    .map((rests, slot) => ({ slot, rests, call: 0, at: rests.to[0] as number }))
    .filter(({ at }) => at < Infinity)
    .sort((a, b) => (before(a, b) ? -1 : 1));
  for (let next = heap[0]; next; next = heap[0]) {
    visit(next.slot, next.at, next.rests.from[next.call + 1] as number);
    next.call++;
    next.at = next.rests.to[next.call] as number;
    if (next.at < Infinity) sink(heap, next);
    else {
      const last = heap.pop() as Cursor;
      if (last !== next) sink(heap, last);
    }
  }
}

/** Puts a cursor where it belongs, from the top down. */
function sink(heap: Cursor[], cursor: Cursor): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (!left) break;
    if (right && before(right, left)) child++;
    const least = heap[child] as Cursor;
    if (!before(least, cursor)) break;
    heap[place] = least;
    place = child;
  }
  heap[place] = cursor;
}

function before(one: Cursor, other: Cursor): boolean {
  return one.at < other.at || (one.at === other.at && one.slot < other.slot);
}
