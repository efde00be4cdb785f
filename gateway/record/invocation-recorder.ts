import type { Spool } from '../../drivers/spool/spool';
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
  /** Where records wait while the store is away; without it, or where it is full, they wait in memory. */
  readonly spool?: Spool<InvocationRecord>;
  /** Default 250 ms. */
  readonly flushMs?: number;
  /** Default 500. */
  readonly batchRows?: number;
  /** Records kept in memory while the store is away; past it the oldest are dropped. Default 50,000. */
  readonly maxRows?: number;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/**
 * Takes the record of each invocation with one push, and writes them to the store in batches. While the store is away
 * they go to the spool at the same pace, so that neither memory grows nor much is lost with this process. Batches are
 * repeated whole: the store counts no id twice.
 */
export class InvocationRecorder {
  #fresh: InvocationRecord[] = [];
  #queue: InvocationRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Set while the store is away. */
  #retry: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;
  #closing = false;

  constructor(private readonly options: InvocationRecorderOptions) {}

  /** Records dropped so far because the store was away for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Records in memory that wait to be written. */
  get pending(): number {
    return this.#fresh.length + this.#queue.length;
  }

  /** Bytes on the disk that wait to be written. */
  get spooledBytes(): number {
    return this.options.spool?.bytes ?? 0;
  }

  /** Writes what an earlier process left in the spool. */
  open(): void {
    this.#tick();
  }

  /** Takes a record; returns at once. */
  record(record: InvocationRecord): void {
    this.#fresh.push(record);
    if (this.#fresh.length >= (this.options.batchRows ?? 500)) this.#tick();
    else this.#arm(this.options.flushMs ?? 250);
  }

  /** Writes what is there, for at most `graceMs`; what the store did not take by then stays in the spool. */
  async close(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    while (this.pending > 0 && performance.now() < end) {
      this.#stopWaiting();
      this.#tick();
      const left = Math.max(1, end - performance.now());
      await Promise.race([this.#working, new Promise((resolve) => setTimeout(resolve, Math.min(left, 100)))]);
    }
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#stopWaiting();
    await this.#spoolQueue();
    if (this.pending > 0) this.options.log.warn({ records: this.pending }, 'Invocation records could not be written');
  }

  #arm(ms: number): void {
    this.#timer ??= setTimeout(() => this.#tick(), ms);
  }

  #stopWaiting(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
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
    this.#working ??= (this.#retry ? this.#spoolQueue() : this.#write()).finally(() => {
      this.#working = undefined;
    });
  }

  /** Writes batch after batch, those of the spool first; the first failure ends the round. */
  async #write(): Promise<void> {
    const { sink, log, spool } = this.options;
    try {
      for (let kept = await spool?.oldest(); kept && !this.#closing; kept = await spool?.oldest()) {
        await sink.writeInvocations(kept.batch);
        await kept.remove();
      }
      await this.#takeBatches(async (batch) => {
        await sink.writeInvocations(batch);
        return true;
      });
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      log.warn({ err: error, pending: this.pending, retryMs: this.#retryMs }, 'Invocation records wait for the store');
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#tick();
      }, this.#retryMs).unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      await this.#spoolQueue();
    }
  }

  async #spoolQueue(): Promise<void> {
    const { spool } = this.options;
    if (spool) await this.#takeBatches((batch) => spool.append(batch));
  }

  /** Hands the queue over in batches, until one is refused. */
  async #takeBatches(take: (batch: readonly InvocationRecord[]) => Promise<boolean>): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, this.options.batchRows ?? 500);
      if (!(await take(batch))) return;
      const taken = new Set(batch);
      // The bound may have cut the queue's head meanwhile.
      this.#queue = this.#queue.filter((record) => !taken.has(record));
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
