const WINDOW = 100;

/**
 * The least, or the greatest, of the last one to two hundred values. What an instance takes for a request when nothing holds
 * it up says what another instance could add; the average would say how crowded the machine is, and call for more of what
 * crowds it.
 */
export class TurnWindow {
  #current: number | null = null;
  #previous: number | null = null;
  #seen = 0;

  /** @param better says which of two values is kept */
  constructor(private readonly better: (a: number, b: number) => number) {}

  /** Null before the first. */
  get value(): number | null {
    if (this.#current === null || this.#previous === null) return this.#current ?? this.#previous;
    return this.better(this.#current, this.#previous);
  }

  note(value: number): void {
    if (++this.#seen > WINDOW) {
      this.#previous = this.#current;
      this.#current = null;
      this.#seen = 1;
    }
    this.#current = this.#current === null ? value : this.better(this.#current, value);
  }
}
