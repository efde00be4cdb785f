/** Decisions that a pool outlives the one that asked for it. */
const REMEMBERED = 5;

/**
 * The pool of one function over its decisions: it grows at once and shrinks to the most that the last five decisions asked
 * for, so that what a forecast takes back for a minute is not ended to be started again.
 */
export class SteadyPool {
  /** By the decisions before this one. */
  #asked: number[] = [];

  /** @param wanted instances, from 0 @returns instances to hold */
  next(wanted: number): number {
    const held = this.with(wanted);
    this.#asked = [...this.#asked.slice(2 - REMEMBERED), wanted];
    return held;
  }

  /** What `next` would give. */
  with(wanted: number): number {
    return Math.max(wanted, ...this.#asked);
  }
}
