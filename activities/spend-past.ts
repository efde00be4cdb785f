import type { PastSpend } from '../core/budget/spend-pattern';
import type { BudgetStore, SpendWindow } from '../drivers/store/budget-store';

const HOUR_MS = 3_600_000;
/** Four weeks: every day of the week four times. */
const HOURS = 28 * 24;
/** The last calls of an hour are in the ledger so long after it. */
const POSTED_AFTER_MS = 300_000;

interface KnownPast extends PastSpend {
  /** Whose it is. */
  readonly whose: string;
}

/** What budgets' functions have cost by the hour. An hour that is over is read once: only those that came since are read later. */
export class SpendPast {
  readonly #known = new Map<string, KnownPast>();

  constructor(private readonly store: Pick<BudgetStore, 'spendByHour'>) {}

  /** @param now Unix milliseconds */
  async of(budgetId: string, query: Pick<SpendWindow, 'tenant' | 'functionIds'>, now: number): Promise<PastSpend> {
    const until = pastUntil(now);
    const whose = JSON.stringify(query);
    const known = this.#known.get(budgetId);
    const same = known?.whose === whose && known.until <= until ? known : undefined;
    if (same?.until === until) return same;
    const from = Math.max(same?.until ?? 0, until - HOURS * HOUR_MS);
    const rows = await this.store.spendByHour({ ...query, from: new Date(from), to: new Date(until) });
    const amounts = new Map(rows.map(({ hour, amount }) => [hour.getTime(), amount]));
    const added = Array.from(
      { length: (until - from) / HOUR_MS },
      (_, hour) => amounts.get(from + hour * HOUR_MS) ?? 0n,
    );
    const past = { whose, until, hours: [...(same?.hours ?? []), ...added].slice(-HOURS) };
    this.#known.set(budgetId, past);
    return past;
  }

  /** Forgets budgets that are gone. */
  keepOnly(budgetIds: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!budgetIds.has(id)) this.#known.delete(id);
  }
}

/** The end of the last hour that is in the ledger as a whole. */
export function pastUntil(now: number): number {
  return Math.floor((now - POSTED_AFTER_MS) / HOUR_MS) * HOUR_MS;
}
