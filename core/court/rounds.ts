/** Work that may be asked for while it is done: it is then done once more when it ends, and not within itself. */
export class Rounds {
  #running = false;
  #again = false;

  constructor(private readonly round: () => void) {}

  /** @param first in place of the first round @returns false where it is being done already */
  run(first: () => void = this.round): boolean {
    this.#again = true;
    if (this.#running) return false;
    this.#running = true;
    for (let work = first; this.#again; work = this.round) {
      this.#again = false;
      work();
    }
    this.#running = false;
    return true;
  }
}
