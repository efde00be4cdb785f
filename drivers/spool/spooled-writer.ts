import type { Spool } from './spool';

export interface SpooledWriterOptions<T> {
  /** Writes a batch; a repeat changes nothing. */
  readonly write: (batch: T) => Promise<void>;
  /** Where batches wait while they cannot be written; without it, or where it is full, some wait in memory. */
  readonly spool?: Spool<T> | undefined;
  /** What they are, for the log. */
  readonly what: string;
  readonly log: { warn(fields: object, message: string): void };
  /** Batches kept in memory at most; past it the oldest go. Default 1,000. */
  readonly keep?: number;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** Writes batches one after the other, those of the spool first; while they are refused they wait on the disk. */
export class SpooledWriter<T> {
  readonly #queue: T[] = [];
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #working: Promise<void> | undefined;
  #closing = false;

  constructor(private readonly options: SpooledWriterOptions<T>) {}

  /** Writes what an earlier process left in the spool. */
  open(): void {
    this.#work();
  }

  /** Takes a batch; returns at once. */
  add(batch: T): void {
    const { keep = 1_000, what, log } = this.options;
    this.#queue.push(batch);
    const dropped = this.#queue.splice(0, this.#queue.length - keep).length;
    if (dropped > 0) log.warn({ dropped, what }, 'The oldest batches are dropped');
    this.#work();
  }

  /** Tries once more to write what is there; what is refused stays in the spool. */
  async close(): Promise<void> {
    await this.#working;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#work();
    await this.#working;
    this.#closing = true;
    clearTimeout(this.#retry);
    if (this.#queue.length === 0) return;
    const { what, log } = this.options;
    log.warn({ batches: this.#queue.length, what }, 'Batches could not be written');
  }

  #work(): void {
    if (this.#closing) return;
    this.#working ??= (this.#retry ? this.#keepQueue() : this.#write()).finally(() => {
      this.#working = undefined;
      // One that came meanwhile, and was not looked at.
      if (this.#queue.length > 0 && !this.#retry) this.#work();
    });
  }

  async #write(): Promise<void> {
    const { write, spool, what, log } = this.options;
    try {
      for (let kept = await spool?.oldest(); kept; kept = await spool?.oldest()) {
        await write(kept.batch);
        await kept.remove();
      }
      await this.#take(async (batch) => {
        await write(batch);
        return true;
      });
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      log.warn({ error: String(error), what, retryMs: this.#retryMs }, 'Batches wait for the store');
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#work();
      }, this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      await this.#keepQueue();
    }
  }

  async #keepQueue(): Promise<void> {
    const { spool } = this.options;
    if (spool) await this.#take((batch) => spool.append(batch));
  }

  /** Hands the queue over batch by batch, until one is refused. */
  async #take(take: (batch: T) => Promise<boolean>): Promise<void> {
    for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
      if (!(await take(batch))) return;
      // It may have been dropped meanwhile.
      if (this.#queue[0] === batch) this.#queue.shift();
    }
  }
}
