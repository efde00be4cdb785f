import type { Terminal } from './terminal';

const TICK_MS = 1_000;

/** Steps of something long, on stderr. */
export class Progress {
  #step = '';
  #began = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: Terminal['stderr'],
    private readonly quiet: boolean,
    private readonly dim: (text: string) => string,
  ) {
    if (!quiet && stream.isTTY === true) this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer?.unref();
  }

  /** The next step begins. */
  step(text: string): void {
    if (this.quiet || text === this.#step) return;
    this.clear();
    this.#step = text;
    this.#began = performance.now();
    this.stream.write(`${text} …\n`);
  }

  /** Nothing is under way any more. */
  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  /** A line below the step that is written over by the next one. */
  private tick(): void {
    if (this.#step === '') return;
    this.clear();
    this.stream.write(this.dim(`  ${Math.floor((performance.now() - this.#began) / 1000)} s`));
  }

  private clear(): void {
    if (this.#timer !== undefined) this.stream.write('\r\u001b[K');
  }
}
