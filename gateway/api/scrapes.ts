/** When somebody read the metrics of this gateway last. */
export class Scrapes {
  #last: Date | null = null;

  get last(): Date | null {
    return this.#last;
  }

  note(at: Date): void {
    this.#last = at;
  }
}
