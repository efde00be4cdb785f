import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import { firstGuess } from '../../core/budget/first-guess';
import { costsOf, paidOf } from '../../core/cost/costs-of';
import type { PriceBook } from '../../core/cost/price-book';
import type { PriceTable } from '../../core/cost/price-table';
import type { InvocationRecord, Store } from '../../drivers/store/store';
import type { WorkflowStarter } from '../../gateway/api/api-context';
import { registerSpendMetrics } from '../../gateway/budget/spend-metrics';
import type { CoveredFunction } from '../../gateway/budget/covered-function';
import { SpendBook } from '../../gateway/budget/spend-book';

export interface BudgetPartsContext {
  readonly store: Store;
  readonly prices: PriceTable;
  readonly priceBook: PriceBook;
  readonly workflows: Pick<WorkflowStarter, 'startEnforce'>;
  /** Has what was recorded written at once. */
  readonly flush: () => void;
  readonly log: Logger;
}

/** What a gateway needs to hold budgets. */
export interface BudgetParts {
  readonly book: SpendBook;
  /** A call of a function that is covered has ended; it is recorded next. */
  readonly spent: (spend: CoveredFunction, record: InvocationRecord) => void;
  readonly measure: (registry: Registry) => void;
}

/** Composes them; nothing is read before the book is opened. */
export function createBudgetParts(context: BudgetPartsContext): BudgetParts {
  const { store, prices, priceBook, workflows, flush, log } = context;
  const now = (): number => Date.now();
  const book = new SpendBook({
    ...{ store, flush, now, log },
    firstGuess: ({ memoryBytes }) => firstGuess(memoryBytes, prices.tiers.central),
    enforce: (tenant) => workflows.startEnforce(tenant),
  });
  return {
    book,
    spent: (spend, record) => {
      // Who was refused before there was an instance pays nothing, which says nothing of what a call costs.
      if (record.kind === null) return;
      const costs = costsOf(record, priceBook);
      book.spent(spend, costs ? Number(paidOf(costs)) : 0);
    },
    measure: (registry) => registerSpendMetrics(registry, book, now),
  };
}
