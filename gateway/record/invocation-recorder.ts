import { randomUUID } from 'node:crypto';
import type { PriceBook } from '../../core/cost/price-book';
import { callsIn } from '../../core/record/invocation-batch';
import { InvocationPacker } from '../../core/record/invocation-packer';
import type { Spool } from '../../drivers/spool/spool';
import type { InvocationBatch, InvocationRecord, RecordSink } from '../../drivers/store/store';

/** What the recorder asks of a logger; pino's is one. */
export interface RecorderLog {
  warn(fields: object, message: string): void;
}

export interface InvocationRecorderOptions {
  readonly sink: Pick<RecordSink, 'writeInvocations'>;
  readonly log: RecorderLog;
  /** By which calls are priced that carry their pricing. */
  readonly prices?: PriceBook;
  /** Told of every record once: metrics. */
  readonly observe?: (record: InvocationRecord) => void;
  /** Told of each batch when it is complete, and when the store has it or it is lost for good: one from before, too. */
  readonly sealed?: (batch: InvocationBatch) => void;
  readonly written?: (batch: InvocationBatch) => void;
  /** Where batches wait while the store is away; without it, or where it is full, they wait in memory. */
  readonly spool?: Spool<InvocationBatch>;
  /** Longest wait of a batch of few; one of many waits up to 750 ms longer. Default 250 ms. */
  readonly flushMs?: number;
  /** Invocations that do not wait for more to come. Default 4,000. */
  readonly batchCalls?: number;
  /** Invocations kept in memory while the store is away; past it the oldest batches are dropped. Default 200,000. */
  readonly maxCalls?: number;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** A batch that fills fast waits so much longer: what a write costs the store hardly depends on how much it takes along. */
const LONGER_MS = 750;
const MANY_CALLS = 100;

/**
 * Takes the record of each invocation, packs it at once, and writes what came together to the store as one batch. While the
 * store is away batches go to the spool at the same pace, so that neither memory grows nor much is lost with this process.
 * Batches are repeated whole: the store counts nothing twice.
 */
export class InvocationRecorder {
  readonly #packer: InvocationPacker;
  #queue: InvocationBatch[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Set while the store is away. */
  #retry: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;
  #closing = false;

  constructor(private readonly options: InvocationRecorderOptions) {
    this.#packer = new InvocationPacker(randomUUID, options.prices);
  }

  /** Invocations whose records were dropped so far because the store was away for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Invocations in memory that wait to be written. */
  get pending(): number {
    return this.#packer.calls + this.#queued;
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
    this.options.observe?.(record);
    this.#packer.add(record);
    if (this.#packer.calls >= (this.options.batchCalls ?? 4_000)) this.#tick();
    else this.#timer ??= setTimeout(() => this.#due(), this.options.flushMs ?? 250);
  }

  /** Writes what was recorded, without waiting for more. */
  flush(): void {
    if (this.#packer.calls > 0) this.#tick();
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

  get #queued(): number {
    return this.#queue.reduce((sum, batch) => sum + callsIn(batch), 0);
  }

  #due(): void {
    if (this.#packer.calls < MANY_CALLS) this.#tick();
    else this.#timer = setTimeout(() => this.#tick(), LONGER_MS);
  }

  #stopWaiting(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#packer.calls > 0) {
      const batch = this.#packer.seal();
      this.options.sealed?.(batch);
      this.#queue.push(batch);
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
        this.options.written?.(kept.batch);
        await kept.remove();
      }
      await this.#takeBatches(async (batch) => {
        await sink.writeInvocations(batch);
        this.options.written?.(batch);
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

  /** Hands the queue over batch by batch, until one is refused. */
  async #takeBatches(take: (batch: InvocationBatch) => Promise<boolean>): Promise<void> {
    for (let batch = this.#queue[0]; batch; batch = this.#queue[0]) {
      if (!(await take(batch))) return;
      // The bound may have dropped it meanwhile.
      const taken = batch;
      this.#queue = this.#queue.filter((other) => other !== taken);
    }
  }

  #bound(): void {
    const { maxCalls = 200_000, log } = this.options;
    let dropped = 0;
    while (this.#queue.length > 1 && this.#queued > maxCalls) {
      const oldest = this.#queue.shift();
      if (!oldest) continue;
      dropped += callsIn(oldest);
      this.options.written?.(oldest);
    }
    if (dropped === 0) return;
    this.#dropped += dropped;
    log.warn({ dropped, droppedTotal: this.#dropped }, 'The oldest invocation records are dropped');
  }
}
