import type { PlatformError } from '../../core/error/platform-error';
import { toPlatformError } from '../../core/error/platform-error';
import type { Grant, StartFacts } from './lease';

/** In whose name a start is asked for. */
export interface Asker {
  readonly invocationId: string;
  /** Milliseconds of `performance.now()`. */
  readonly deadlineAt: number;
}

export interface StartRequestsOptions {
  /** Asks an agent for an instance; resolves with its lease. */
  readonly acquire: (request: {
    deadlineMs: number;
    invocationId: string;
    signal: AbortSignal;
  }) => Promise<Grant<StartFacts>>;
  readonly granted: (grant: Grant<StartFacts>) => void;
  /** The start failed for good: whoever it was asked for is to be told. Not called while agents are away or drain. */
  readonly failed: (error: PlatformError, asker: Asker) => void;
  /** The agent is away or drains. */
  readonly away: (error: PlatformError) => void;
  /** One that was under way is not any more. */
  readonly settled: () => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Of each start in the average of what a start takes. */
const LEARNING_RATE = 0.3;

/** The instances that one pool has asked the agents for, and what is learned from how that goes. */
export class StartRequests {
  /** Under way, the oldest first. */
  readonly #asked = new Set<AbortController>();
  #pausedUntil = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #startMs: number | null = null;

  constructor(private readonly options: StartRequestsOptions) {}

  get size(): number {
    return this.#asked.size;
  }

  /** An agent that is away or drains is left alone for a moment. */
  get paused(): boolean {
    return this.#pausedUntil > performance.now();
  }

  /** What making an instance takes, on average, in milliseconds; null when none was made yet. */
  get startMs(): number | null {
    return this.#startMs;
  }

  async ask(asker: Asker): Promise<void> {
    const called = new AbortController();
    const { invocationId } = asker;
    this.#asked.add(called);
    try {
      const deadlineMs = Math.max(1, asker.deadlineAt - performance.now());
      const grant = await this.options.acquire({ deadlineMs, invocationId, signal: called.signal });
      this.#asked.delete(called);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#learn(grant.start);
      this.options.granted(grant);
    } catch (error) {
      this.#asked.delete(called);
      if (!called.signal.aborted) this.#failed(toPlatformError(error), asker);
    }
    this.options.settled();
  }

  /** Calls off what is more than `wanted`, the latest first: it is the least likely to have begun. */
  callOff(wanted: number): void {
    for (const called of [...this.#asked].slice(wanted)) {
      this.#asked.delete(called);
      called.abort();
    }
  }

  #learn({ kind, sandboxMs, readyMs }: StartFacts): void {
    if (kind !== 'restore' && kind !== 'cold') return;
    const tookMs = sandboxMs + readyMs;
    this.#startMs = this.#startMs === null ? tookMs : this.#startMs + (tookMs - this.#startMs) * LEARNING_RATE;
  }

  /** An agent that is away or drains costs nobody but time; any other failure is an answer. */
  #failed(error: PlatformError, asker: Asker): void {
    if (error.code === 'unavailable' || error.code === 'draining') {
      this.#pausedUntil = performance.now() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      this.options.away(error);
    } else this.options.failed(error, asker);
  }
}
