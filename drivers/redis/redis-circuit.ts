import { PlatformError } from '../../core/error/platform-error';

export interface RedisCircuitOptions {
  /** Asks for a sign of life. */
  readonly ping: () => Promise<unknown>;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Told when Redis is lost, with what was seen of it, and null when it is back. */
export type RedisListener = (lost: PlatformError | null) => void;

const PROBE_MS = 250;
/** The first probe may have to wait for the connection. */
const FIRST_PROBE_MS = 2_000;
/** Answers in time, one after the other, until it is trusted again: one that is only just slow must not come and go. */
const TRUSTED_AFTER = 3;

/**
 * Keeps the time that anybody waits for Redis to one answer that does not come: from then on every call is refused at once,
 * while it is asked for a sign of life in the background. Nothing is known of it at first, and nobody is told before the first
 * probe has ended.
 */
export class RedisCircuit {
  readonly #listeners: RedisListener[] = [];
  #state: 'unknown' | 'usable' | 'lost' = 'unknown';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #known: Promise<void>;

  constructor(private readonly options: RedisCircuitOptions) {
    this.#known = new Promise((resolve) => this.#listeners.push(() => resolve()));
    void this.#probe(0);
  }

  get usable(): boolean {
    return this.#state === 'usable';
  }

  /** Resolves when it has answered, or has failed to. */
  get known(): Promise<void> {
    return this.#known;
  }

  /** Tells of every change from now on. */
  listen(listener: RedisListener): void {
    this.#listeners.push(listener);
  }

  /** @throws PlatformError unavailable after the timeout at the latest, at once while Redis is lost */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (!this.usable) throw new PlatformError('unavailable', 'Redis is away');
    try {
      return await this.#inTime(call(), this.options.timeoutMs);
    } catch (error) {
      const lost = new PlatformError('unavailable', `Redis is away: ${reasonOf(error)}`, { cause: error });
      this.#become('lost', lost);
      throw lost;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #probe(good: number): Promise<void> {
    try {
      await this.#inTime(this.options.ping(), this.#state === 'unknown' ? FIRST_PROBE_MS : this.options.timeoutMs);
      // At the start there is nothing to be doubted.
      if (this.#state === 'unknown' || good + 1 >= TRUSTED_AFTER) this.#become('usable', null);
      else this.#again(good + 1);
    } catch (error) {
      this.#become('lost', new PlatformError('unavailable', `Redis is away: ${reasonOf(error)}`, { cause: error }));
      this.#again(0);
    }
  }

  #again(good: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#probe(good), PROBE_MS).unref();
  }

  #become(state: 'usable' | 'lost', lost: PlatformError | null): void {
    if (this.#state === state || this.#closed) return;
    this.#state = state;
    if (state === 'lost') this.#again(0);
    for (const listener of this.#listeners) listener(lost);
  }

  #inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // After a stall of this process the answer may lie unread: it is read before this comes round.
        setImmediate(() => setImmediate(() => reject(new Error(`no answer in ${timeoutMs} ms`))));
      }, timeoutMs).unref();
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
