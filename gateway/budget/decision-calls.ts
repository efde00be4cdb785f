export interface DecisionLog {
  warn(fields: object, message: string): void;
}

interface Asked {
  readonly what: string;
  readonly nextAt: number;
  readonly pauseMs: number;
}

/** Between two times that the same is asked for: at once first, then less and less often. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [400, 10_000] as const;

/**
 * Has `enforceBudget` run for a tenant as soon as something has happened that it must decide about, and again until it has:
 * never in the way of a call, and never more often than it helps.
 */
export class DecisionCalls {
  readonly #asked = new Map<string, Asked>();

  /** @param enforce starts the workflow */
  constructor(
    private readonly enforce: (tenant: string) => Promise<void>,
    private readonly log: DecisionLog,
  ) {}

  /**
   * Something is undecided at a tenant, or nothing is any more.
   * @param what in a word; another one is asked for at once @param now milliseconds
   * @returns true when the workflow is being started by this
   */
  tell(tenant: string, what: string | null, now: number): boolean {
    const asked = this.#asked.get(tenant);
    if (what === null) {
      // Near a threshold what is known goes to and fro: that is no news each time.
      if (asked && now >= asked.nextAt) this.#asked.delete(tenant);
      return false;
    }
    if (asked?.what === what && now < asked.nextAt) return false;
    const pauseMs = asked?.what === what ? Math.min(asked.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    this.#asked.set(tenant, { what, nextAt: now + pauseMs, pauseMs });
    this.enforce(tenant).catch((error: unknown) => {
      this.log.warn({ err: error, tenant, what }, 'enforceBudget could not be started; it is asked for again');
    });
    return true;
  }
}
