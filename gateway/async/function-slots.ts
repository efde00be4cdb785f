interface Use {
  running: number;
  limit: number;
  readonly waiting: (() => void)[];
}

/**
 * How many tries of each function this gateway makes at once: as many as its instances may serve, and never so many that
 * one function takes every slot.
 */
export class FunctionSlots {
  readonly #uses = new Map<string, Use>();
  readonly #most: number;

  /** @param slots tries at once in all */
  constructor(slots: number) {
    this.#most = Math.max(1, slots - Math.ceil(slots / 4));
  }

  /** What a function's instances serve at once, known from its first try on. */
  learn(functionId: string, limit: number): void {
    this.#useOf(functionId).limit = Math.max(1, Math.min(limit, this.#most));
  }

  /** Ids of functions that have as many tries as they may. */
  full(): string[] {
    return [...this.#uses].filter(([, use]) => use.running >= use.limit).map(([id]) => id);
  }

  /** Waits for a place; gives what to call when it is free again. */
  async admit(functionId: string): Promise<() => void> {
    const use = this.#useOf(functionId);
    if (use.running < use.limit) use.running++;
    // Who leaves hands the place on.
    else await new Promise<void>((resolve) => use.waiting.push(resolve));
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = use.running <= use.limit ? use.waiting.shift() : undefined;
      if (next) next();
      else use.running--;
    };
  }

  #useOf(functionId: string): Use {
    let use = this.#uses.get(functionId);
    if (!use) this.#uses.set(functionId, (use = { running: 0, limit: this.#most, waiting: [] }));
    return use;
  }
}
