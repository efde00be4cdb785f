import type { AuditRecord, AuditStore } from '../../../drivers/store/audit-store';

export type AuditEntry = Omit<AuditRecord, 'id'>;

export interface AuditTrailOptions {
  readonly store: Pick<AuditStore, 'writeAudit'>;
  readonly log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Told of a refusal that was not written down, because its caller has had too many. */
  readonly suppressed: () => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Between two tries while the store is away. */
  readonly retryMs?: number;
}

const WINDOW_MS = 60_000;
/** Refusals written down a minute, of one caller and of all together: an attack must not fill the disk. */
const REFUSALS_PER_CALLER = 20;
const REFUSALS_IN_ALL = 300;
/** Longest that an answer waits for its entry; the entry is written later then. */
const ANSWER_WAIT_MS = 2_000;
const MAX_WAITING = 10_000;

/**
 * Writes the audit log. A change is written before its answer goes out where the store is there, and kept until it is
 * where not; refusals are bounded by caller.
 */
export class AuditTrail {
  readonly #waiting: AuditEntry[] = [];
  readonly #refusals = new Map<string, number>();
  #refusedInAll = 0;
  #windowEnds = 0;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: AuditTrailOptions) {}

  /** Resolves when the entry is written, or after two seconds at most. Never rejects. */
  async record(entry: AuditEntry): Promise<void> {
    if (entry.outcome === 'refused' && !this.#room(entry.principal ?? entry.address)) {
      this.options.suppressed();
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      const { principal, action, resource } = entry;
      this.options.log.error({ principal, action, resource }, 'An entry of the audit log is lost: too many wait');
      return;
    }
    this.#waiting.push(entry);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#write(), new Promise((resolve) => (timer = setTimeout(resolve, ANSWER_WAIT_MS)))]);
    clearTimeout(timer);
  }

  /** Writes what waits, once more; what cannot be written is named in the log. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#write();
    if (this.#waiting.length > 0) {
      this.options.log.error({ entries: this.#waiting }, 'Entries of the audit log could not be written');
    }
  }

  /** One write at a time; who comes meanwhile is in the next. */
  async #write(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length === 0) return;
    this.#writing ??= this.#writeBatch().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.splice(0);
    try {
      await this.options.store.writeAudit(batch);
    } catch (error) {
      this.#waiting.unshift(...batch);
      this.options.log.warn({ err: error, entries: this.#waiting.length }, 'The audit log waits for the store');
      clearTimeout(this.#retry);
      if (!this.#closed) this.#retry = setTimeout(() => void this.#write(), this.options.retryMs ?? 1_000);
      this.#retry?.unref();
    }
  }

  #room(caller: string): boolean {
    const now = this.options.now();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + WINDOW_MS;
      this.#refusals.clear();
      this.#refusedInAll = 0;
    }
    const count = (this.#refusals.get(caller) ?? 0) + 1;
    if (count > REFUSALS_PER_CALLER || this.#refusedInAll >= REFUSALS_IN_ALL) return false;
    this.#refusals.set(caller, count);
    this.#refusedInAll++;
    return true;
  }
}
