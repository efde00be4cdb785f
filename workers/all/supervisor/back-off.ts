/** Waits between restarts: doubled after each short life, forgotten after a long one. All times in milliseconds. */
export class BackOff {
  private failures = 0;

  constructor(
    private readonly firstMs = 250,
    private readonly maxMs = 10_000,
    private readonly steadyMs = 30_000,
  ) {}

  /** How long to wait before the next start, after a life of `livedMs`. */
  next(livedMs: number): number {
    if (livedMs >= this.steadyMs) this.failures = 0;
    const wait = Math.min(this.firstMs * 2 ** this.failures, this.maxMs);
    this.failures += 1;
    return wait;
  }
}
