import type { BudgetRecord, BudgetState } from '../../drivers/store/budget-store';
import type { Store } from '../../drivers/store/store';

export interface BudgetLog {
  warn(fields: object, message: string): void;
}

/** A budget and what was decided about it last; null: nothing yet. */
export interface StoredBudget {
  readonly record: BudgetRecord;
  readonly state: BudgetState | null;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** All budgets and how they stand, in memory, kept up as the store tells of changes. While the store is away the last ones hold. */
export class BudgetTable {
  #budgets: readonly StoredBudget[] = [];
  #stale = false;
  #reading: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #closed = false;

  /** @param changed told after every reading */
  constructor(
    private readonly store: Pick<Store, 'budgets' | 'budgetStates' | 'subscribe'>,
    private readonly changed: (budgets: readonly StoredBudget[]) => void,
    private readonly log: BudgetLog,
  ) {}

  get budgets(): readonly StoredBudget[] {
    return this.#budgets;
  }

  /** Starts to follow the store. Resolves when the budgets were read, or could not be, in which case they come later. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.store.subscribe('budgets', () => void this.refresh());
    await this.refresh();
  }

  /** Reads anew; calls during a reading are answered by one more, and wait for it. */
  refresh(): Promise<void> {
    this.#stale = true;
    if (this.#closed) return Promise.resolve();
    clearTimeout(this.#retry);
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#unsubscribe?.();
  }

  async #read(): Promise<void> {
    try {
      while (this.#stale && !this.#closed) {
        this.#stale = false;
        const [records, states] = await Promise.all([this.store.budgets(), this.store.budgetStates()]);
        const stateOf = new Map(states.map((state) => [state.budgetId, state]));
        this.#budgets = records.map((record) => ({ record, state: stateOf.get(record.id) ?? null }));
        this.changed(this.#budgets);
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.log.warn({ err: error, retryMs: this.#retryMs }, 'The budgets cannot be read; the last ones hold');
      this.#retry = setTimeout(() => void this.refresh(), this.#retryMs);
      this.#retry.unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    }
  }
}
