import type { InvocationRecord, RecordSink } from '../../drivers/store/store';

/** What the recorder asks of a logger; pino's is one. */
export interface RecorderLog {
  warn(fields: object, message: string): void;
}

export interface InvocationRecorderOptions {
  readonly sink: Pick<RecordSink, 'writeInvocations'>;
  readonly log: RecorderLog;
  /** Told of every record once, away from the hot path: metrics. */
  readonly observe?: (records: readonly InvocationRecord[]) => void;
  /** Default 250 ms. */
  readonly flushMs?: number;
  /** Default 500. */
  readonly batchRows?: number;
  /** Records kept while the store is away; past it the oldest are dropped. Default 50,000. */
  readonly maxRows?: number;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/**
 * Takes the record of each invocation with one push, and writes them to the store in batches. While the store is away
 * they are kept, bounded. Batches are repeated whole: the store counts no id twice.
 */
export class InvocationRecorder {
  #fresh: InvocationRecord[] = [];
  #queue: InvocationRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;
  #closing = false;

  constructor(private readonly options: InvocationRecorderOptions) {}

  /** Records dropped so far because the store was away for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Records that wait to be written. */
  get pending(): number {
    return this.#fresh.length + this.#queue.length;
  }

  /** Takes a record; returns at once. */
  record(record: InvocationRecord): void {
    this.#fresh.push(record);
    if (this.#fresh.length >= (this.options.batchRows ?? 500)) this.#tick();
    else this.#arm(this.options.flushMs ?? 250);
  }

  /** Writes what is there, for at most `graceMs`; then nothing more is taken to the store. */
  async close(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    while (this.pending > 0 && performance.now() < end) {
      this.#retryMs = FIRST_RETRY_MS;
      this.#tick();
      const left = Math.max(1, end - performance.now());
      await Promise.race([this.#writing, new Promise((resolve) => setTimeout(resolve, Math.min(left, 100)))]);
    }
    this.#closing = true;
    clearTimeout(this.#timer);
    if (this.pending > 0) this.options.log.warn({ records: this.pending }, 'Invocation records could not be written');
  }

  #arm(ms: number): void {
    this.#timer ??= setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#fresh.length > 0) {
      const fresh = this.#fresh;
      this.#fresh = [];
      this.options.observe?.(fresh);
      this.#queue = this.#queue.length === 0 ? fresh : this.#queue.concat(fresh);
      this.#bound();
    }
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes batch after batch; the first failure ends the round. */
  async #write(): Promise<void> {
    const { sink, log, batchRows = 500 } = this.options;
    while (this.#queue.length > 0 && !this.#closing) {
      const batch = this.#queue.slice(0, batchRows);
      try {
        await sink.writeInvocations(batch);
        this.#retryMs = FIRST_RETRY_MS;
        const written = new Set(batch);
        // The bound may have cut the queue's head meanwhile.
        this.#queue = this.#queue.filter((record) => !written.has(record));
      } catch (error) {
        log.warn(
          { err: error, pending: this.pending, retryMs: this.#retryMs },
          'Invocation records wait for the store',
        );
        this.#arm(this.#retryMs);
        this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
        return;
      }
    }
  }

  #bound(): void {
    const excess = this.#queue.length - (this.options.maxRows ?? 50_000);
    if (excess <= 0) return;
    this.#queue = this.#queue.slice(excess);
    this.#dropped += excess;
    this.options.log.warn(
      { dropped: excess, droppedTotal: this.#dropped },
      'The oldest invocation records are dropped',
    );
  }
}
