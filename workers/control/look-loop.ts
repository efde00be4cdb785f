export interface LookLoopOptions {
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  readonly look: () => Promise<void>;
  /** Told what a look threw; the next one comes all the same. */
  readonly failed: (error: unknown) => void;
}

/** Looks at something again and again, and whenever somebody asks; never twice at once. */
export class LookLoop {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(private readonly options: LookLoopOptions) {}

  /** The first look begins at once. */
  start(): void {
    this.#timer = setInterval(() => {
      // One that takes longer than the time between two is not followed by another at once.
      if (!this.#looking) void this.look();
    }, this.options.everyMs);
    void this.look();
  }

  /** Something may have changed. Resolves when a look that began after this call has ended; never rejects. */
  look(): Promise<void> {
    this.#again = true;
    return (this.#looking ??= this.#looks().finally(() => (this.#looking = undefined)));
  }

  /** Resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #looks(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.options.look();
      } catch (error) {
        this.options.failed(error);
      }
    }
  }
}
