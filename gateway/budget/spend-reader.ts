import type { Store } from '../../drivers/store/store';
import type { BudgetLog } from './budget-table';
import type { CoveredFunctions } from './covered-functions';
import type { CoveredFunction } from './covered-function';
import type { LiveBudget } from './live-budget';
import type { OwnSpend } from './own-spend';

export interface SpendReaderOptions {
  readonly store: Pick<Store, 'budgetFunctions' | 'spend'>;
  readonly own: Pick<OwnSpend<CoveredFunction>, 'lately' | 'onItsWay'>;
  readonly functions: Pick<CoveredFunctions, 'isCritical'>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: BudgetLog;
}

const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [250, 2_000] as const;
/** Which functions a budget names is asked for anew after so long: one may have been made, or deleted and made again. */
const IDS_MS = 10_000;

/** Looks at the store for what is spent of budgets, one look after the other. */
export class SpendReader {
  readonly #ids = new Map<string, { readonly at: number; readonly names: string; readonly ids: readonly string[] }>();
  #current: Promise<boolean> | undefined;
  #retryAt = 0;
  #retryMs: number = FIRST_RETRY_MS;

  constructor(private readonly options: SpendReaderOptions) {}

  /**
   * Tells each budget what was found. Where another look is under way, waits for that one. False when nothing new was found: the
   * store is left alone for a moment when it is away.
   */
  look(budgets: readonly LiveBudget[]): Promise<boolean> {
    this.#current ??= this.#look(budgets).finally(() => (this.#current = undefined));
    return this.#current;
  }

  async #look(budgets: readonly LiveBudget[]): Promise<boolean> {
    const { store, now, log } = this.options;
    const begun = now();
    if (budgets.length === 0 || begun < this.#retryAt) return false;
    try {
      const periods = budgets.map(({ period }) => period);
      const found = await store.spend(await Promise.all(budgets.map((budget) => this.#queryOf(budget, begun))));
      budgets.forEach((budget, index) => {
        const seen = found[index];
        // Its period may have turned meanwhile.
        if (!seen || budget.period !== periods[index]) return;
        const spentByCritical = [...seen.byFunction].reduce(
          (sum, [id, amount]) => (this.options.functions.isCritical(id) ? sum + amount : sum),
          0n,
        );
        const at = seen.readFrom.getTime();
        budget.look({ at, spent: seen.spent, spentByCritical, ...this.#ownIn(budget, at) });
      });
      this.#retryMs = FIRST_RETRY_MS;
      return true;
    } catch (error) {
      log.warn({ err: error, retryMs: this.#retryMs }, 'What is spent cannot be read; it is counted on here');
      this.#retryAt = now() + this.#retryMs;
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      return false;
    }
  }

  async #queryOf({ record, period }: LiveBudget, now: number) {
    const { tenant, spec } = record;
    const functionIds = spec.functions ? await this.#idsOf(record.id, tenant, spec.functions, now) : null;
    return { tenant, functionIds, from: new Date(period.start), to: new Date(period.end) };
  }

  async #idsOf(
    budgetId: string,
    tenant: string,
    functions: readonly string[],
    now: number,
  ): Promise<readonly string[]> {
    const names = functions.join();
    const known = this.#ids.get(budgetId);
    if (known?.names === names && now - known.at < IDS_MS) return known.ids;
    const found = await this.options.store.budgetFunctions(tenant, functions);
    const ids = found.map(({ id }) => id);
    this.#ids.set(budgetId, { at: now, names, ids });
    return ids;
  }

  /** What this gateway wrote since the look before: what this look has seen, and what it may have seen. */
  #ownIn(budget: LiveBudget, to: number): { ownSeen: bigint; ownPerhaps: bigint } {
    const from = budget.lookedAt ?? to;
    let [ownSeen, ownPerhaps] = [0n, 0n];
    for (const [spend, amount, at] of this.options.own.lately()) {
      if (at < from || !spend.budgets.includes(budget)) continue;
      if (at < to) ownSeen += amount;
      else ownPerhaps += amount;
    }
    for (const [spend, amount] of this.options.own.onItsWay()) if (spend.budgets.includes(budget)) ownPerhaps += amount;
    return { ownSeen, ownPerhaps };
  }
}
