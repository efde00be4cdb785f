/** Passes things on in their order, each so long after it came. */
export class DelayLine {
  readonly #waiting: { readonly at: number; readonly pass: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param ms from 0 */
  constructor(private readonly ms: number) {}

  push(pass: () => void): void {
    this.#waiting.push({ at: performance.now() + this.ms, pass });
    this.#timer ??= setTimeout(this.#next, this.ms);
  }

  readonly #next = (): void => {
    this.#timer = undefined;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const left = first.at - performance.now();
      if (left > 0) {
        this.#timer ??= setTimeout(this.#next, left);
        return;
      }
      this.#waiting.shift();
      first.pass();
    }
  };
}
