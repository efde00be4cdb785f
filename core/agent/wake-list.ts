/** Those who wait for something to become free, woken in the order they came. One that still lacks it enters again. */
export class WakeList {
  readonly #waiting = new Set<() => void>();

  /** Entering twice keeps the first place. */
  enter(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** Wakes as long as `more()` says that there is something to have; each at most once per call. */
  wake(more: () => boolean): void {
    for (const wake of [...this.#waiting]) {
      if (!more()) return;
      this.#waiting.delete(wake);
      wake();
    }
  }
}
