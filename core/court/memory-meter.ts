/** What memory is held for: instances that start, serve, rest running and rest frozen, and checkpoint images on the node. */
export const MEMORY_STATES = ['starting', 'busy', 'running', 'frozen', 'images'] as const;
export type MemoryState = (typeof MEMORY_STATES)[number];

const STATES = MEMORY_STATES.length;

/** Adds up seconds by function and state, of the scored window alone. Moments in milliseconds. */
export class MemoryMeter {
  readonly #seconds: Float64Array;

  constructor(
    functions: number,
    private readonly window: { readonly from: number; readonly to: number },
  ) {
    this.#seconds = new Float64Array(functions * STATES);
  }

  /** One instance, or image, of the function was in the state from `since` to `until`. */
  add(index: number, state: MemoryState, since: number, until: number): void {
    const ms = Math.min(until, this.window.to) - Math.max(since, this.window.from);
    if (!(ms > 0)) return;
    const at = index * STATES + MEMORY_STATES.indexOf(state);
    this.#seconds[at] = (this.#seconds[at] as number) + ms / 1000;
  }

  /** Seconds of all instances of the function in the state. */
  secondsOf(index: number, state: MemoryState): number {
    return this.#seconds[index * STATES + MEMORY_STATES.indexOf(state)] as number;
  }
}
