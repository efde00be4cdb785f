import type { EventRecord, InstanceRecord, LogRecord, RecordSink } from '../../drivers/store/store';
import type { AgentLog } from '../agent-log';

export type AgentRecordSink = Pick<
  RecordSink,
  'writeLogs' | 'writeEvents' | 'upsertInstances' | 'writeHeld' | 'writeMemoryHours'
>;
export type NewEvent = Omit<EventRecord, 'id'>;

export interface RecordBatcherOptions {
  readonly sink: AgentRecordSink;
  readonly log: AgentLog;
  /** How long a record waits for company, in milliseconds. */
  readonly flushMs?: number;
  /** Records of each sort kept while the store is away; past it the oldest go. */
  readonly keep?: number;
}

const BATCH = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Carries logs, events and instance rows to the store in batches, away from the hot path. While the store is away a
 * bounded number is kept; what had to be dropped is counted and warned of once the store is back.
 */
export class RecordBatcher {
  readonly #options: Required<RecordBatcherOptions>;
  readonly #logs: LogRecord[] = [];
  readonly #events: NewEvent[] = [];
  /** By id: only the latest state of an instance matters. */
  readonly #instances = new Map<string, InstanceRecord>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #pauseMs: number;
  #dropped = 0;
  #closed = false;

  constructor(options: RecordBatcherOptions) {
    this.#options = { flushMs: 200, keep: 20_000, ...options };
    this.#pauseMs = this.#options.flushMs;
  }

  writeLog(record: LogRecord): void {
    this.#add(this.#logs, record);
  }

  writeEvent(record: NewEvent): void {
    this.#add(this.#events, record);
  }

  writeInstance(record: InstanceRecord): void {
    if (!this.#instances.has(record.id) && this.#instances.size >= this.#options.keep) {
      this.#dropped += 1;
      return;
    }
    this.#instances.set(record.id, record);
    this.#schedule();
  }

  get pending(): number {
    return this.#logs.length + this.#events.length + this.#instances.size;
  }

  /** Writes what is left, trying each sort once, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    while (this.pending > 0 && (await this.#writeOnce()));
  }

  #add<T>(list: T[], record: T): void {
    if (list.length >= this.#options.keep) {
      list.shift();
      this.#dropped += 1;
    }
    list.push(record);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#drain().finally(() => {
        this.#writing = undefined;
        if (this.pending > 0) this.#schedule();
      });
    }, this.#pauseMs);
    this.#timer.unref();
  }

  async #drain(): Promise<void> {
    const { flushMs, log } = this.#options;
    while (this.pending > 0) {
      if (!(await this.#writeOnce())) {
        this.#pauseMs = Math.min(Math.max(this.#pauseMs, flushMs) * 2, LONGEST_PAUSE_MS);
        return;
      }
    }
    this.#pauseMs = flushMs;
    if (this.#dropped > 0) log.warn({ dropped: this.#dropped }, 'records were dropped while the store was away');
    this.#dropped = 0;
  }

  /** One batch of each sort. False when the store refused; what it refused is kept for the next time. */
  async #writeOnce(): Promise<boolean> {
    const { sink, log, keep } = this.#options;
    const instances = [...this.#instances.values()].slice(0, BATCH);
    const events = this.#events.splice(0, BATCH);
    const logs = this.#logs.splice(0, BATCH);
    for (const record of instances) this.#instances.delete(record.id);
    try {
      if (instances.length > 0) await sink.upsertInstances(instances);
      instances.length = 0;
      if (events.length > 0) await sink.writeEvents(events);
      events.length = 0;
      if (logs.length > 0) await sink.writeLogs(logs);
      return true;
    } catch (error) {
      for (const record of instances) if (!this.#instances.has(record.id)) this.#instances.set(record.id, record);
      this.#events.unshift(...events);
      this.#logs.unshift(...logs);
      this.#dropped += this.#events.splice(0, this.#events.length - keep).length;
      this.#dropped += this.#logs.splice(0, this.#logs.length - keep).length;
      log.warn({ error: String(error), pending: this.pending }, 'the store refused records; they are kept');
      return false;
    }
  }
}
