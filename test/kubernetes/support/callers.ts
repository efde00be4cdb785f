/** Calls one after the other, by several at once, until they are told to end. */
export class Callers {
  static readonly #all = new Set<Callers>();

  /** Of tests that failed before their callers were ended. */
  static async endAll(): Promise<void> {
    await Promise.all([...Callers.#all].map((callers) => callers.end()));
  }

  readonly #answers = new Map<string, number>();
  readonly #running: Promise<unknown>;
  #over = false;

  /** @param call gives the answer in words; what it throws is an answer too */
  constructor(call: () => Promise<string>, count = 3) {
    Callers.#all.add(this);
    this.#running = Promise.all(Array.from({ length: count }, () => this.#call(call)));
  }

  /** How many calls were answered so far. */
  get count(): number {
    return [...this.#answers.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @returns the different answers */
  async end(): Promise<readonly string[]> {
    this.#over = true;
    await this.#running;
    Callers.#all.delete(this);
    return [...this.#answers.keys()];
  }

  async #call(call: () => Promise<string>): Promise<void> {
    while (!this.#over) {
      const answer = await call().catch(String);
      this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
    }
  }
}
