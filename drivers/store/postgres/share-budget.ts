import type { Transaction } from 'kysely';
import type { DatabaseSchema } from './database-schema';

/** The budget, held until the transaction ends: who deletes it waits for that, or this finds it gone. */
export function shareBudget(
  transaction: Transaction<DatabaseSchema>,
  budgetId: string,
): Promise<{ readonly tenant: string; readonly name: string } | undefined> {
  return transaction
    .selectFrom('budgets')
    .select(['tenant', 'name'])
    .where('id', '=', budgetId)
    .forShare()
    .executeTakeFirst();
}
