export interface WorkQueueOptions {
  /** Works on a key; what it throws has it tried again after a pause. */
  readonly work: (key: string) => Promise<void>;
  readonly onError: (key: string, error: unknown) => void;
  /** Keys worked on at once; default 8. */
  readonly atOnce?: number;
  /** Milliseconds: the pause after a failure, doubled with each, and the longest. */
  readonly pause?: { readonly first: number; readonly longest: number };
}

const PAUSE = { first: 200, longest: 60_000 };

/**
 * Keys that are to be looked at. One that is added several times before its turn has one turn; one that is added while it is worked
 * on has another afterwards, and never two at once.
 */
export class WorkQueue {
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();
  readonly #atOnce: number;
  readonly #pause: { readonly first: number; readonly longest: number };
  #stopped = false;

  constructor(private readonly options: WorkQueueOptions) {
    this.#atOnce = options.atOnce ?? 8;
    this.#pause = options.pause ?? PAUSE;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#next();
  }

  /** Adds it later; of several such wishes for a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped) return;
    const at = performance.now() + ms;
    const known = this.#timers.get(key);
    if (known && known.at <= at) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, ms);
    timer.unref();
    this.#timers.set(key, { at, timer });
  }

  /** Takes no more, and waits for what is being worked on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#atOnce) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(key, this.#turn(key));
    }
  }

  async #turn(key: string): Promise<void> {
    try {
      await this.options.work(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.options.onError(key, error);
      this.addAfter(key, Math.min(this.#pause.first * 2 ** (failures - 1), this.#pause.longest));
    } finally {
      this.#running.delete(key);
      this.#next();
    }
  }
}
