import { WakeList } from './wake-list';

/** Bounds the starts of one kind on a node, so that many at once do not slow each other down. First come, first served. */
export class StartGate {
  readonly #limit: number;
  readonly #background: number;
  readonly #queue = new WakeList();
  #inside = 0;

  /** @param limit starts at once, at least 1 @param cores that they share */
  constructor(limit: number, cores = limit) {
    this.#limit = limit;
    this.#background = Math.ceil(Math.min(limit, cores) / 2);
  }

  get free(): number {
    return this.#limit - this.#inside;
  }

  /** Free places that pre-starts may use: half of them, and of the cores, are left to those who wait. */
  get freeForBackground(): number {
    return Math.max(0, this.#background - this.#inside);
  }

  /** Takes a free place. Callers look at `free` first. */
  take(): void {
    this.#inside += 1;
  }

  /** Waits for a place and takes it. */
  async enter(): Promise<void> {
    while (this.free <= 0) await new Promise<void>((resolve) => this.#queue.enter(resolve));
    this.take();
  }

  /** Calls `wake` once when a place is free. */
  whenFree(wake: () => void): void {
    this.#queue.enter(wake);
  }

  leave(): void {
    this.#inside -= 1;
    this.#queue.wake(() => this.free > 0);
  }
}
