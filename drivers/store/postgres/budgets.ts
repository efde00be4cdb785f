import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import { canonicalJson } from '../../../core/function/revision-digest';
import type { BudgetOrigin, BudgetStore } from '../budget-store';
import type { Database } from './database-schema';
import { storableJson } from './json-rows';
import { notify } from './notify';

/** The budgets themselves; how they stand is kept by `budgetStateQueries`. */
export function budgetQueries(
  db: Database,
): Pick<BudgetStore, 'putBudget' | 'deleteBudget' | 'findBudget' | 'budgets' | 'budgetFunctions'> {
  return {
    putBudget: ({ tenant, name, spec, origin, ifGeneration }) =>
      db.transaction().execute(async (transaction) => {
        const known = await lock(transaction, tenant, name);
        if (known) mustOwn(known, origin);
        if (ifGeneration !== undefined && ifGeneration !== (known?.generation ?? 0)) {
          const now = known ? `is at generation ${known.generation}` : 'does not exist';
          throw new PlatformError('precondition_failed', `Budget ${name} ${now}`, {
            hint: 'Read it again and repeat the change.',
          });
        }
        if (known && canonicalJson(known.spec) === canonicalJson(spec)) return { budget: known, changed: false };
        const json = storableJson(spec);
        // Of two that make one at once the later waits here for the earlier, and loses.
        const budget = known
          ? await transaction
              .updateTable('budgets')
              .set({ spec: json, generation: known.generation + 1, updatedAt: sql<Date>`now()` })
              .where('id', '=', known.id)
              .returningAll()
              .executeTakeFirstOrThrow()
          : await transaction
              .insertInto('budgets')
              .values({ tenant, name, spec: json, origin })
              .returningAll()
              .executeTakeFirstOrThrow();
        await notify(transaction, 'budgets', [`${tenant}/${name}`]);
        return { budget, changed: true };
      }),

    deleteBudget: (tenant, name, origin) =>
      db.transaction().execute(async (transaction) => {
        const known = await lock(transaction, tenant, name);
        if (!known) return false;
        mustOwn(known, origin);
        await transaction.deleteFrom('budgets').where('id', '=', known.id).execute();
        await notify(transaction, 'budgets', [`${tenant}/${name}`]);
        return true;
      }),

    async findBudget(tenant, name) {
      const row = await db
        .selectFrom('budgets')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst();
      return row ?? null;
    },

    budgets: ({ tenant } = {}) =>
      db
        .selectFrom('budgets')
        .selectAll()
        .$if(tenant !== undefined, (query) => query.where('tenant', '=', tenant as string))
        .orderBy('tenant')
        .orderBy('name')
        .execute(),

    async budgetFunctions(tenant, names) {
      const rows = await db
        .selectFrom('functions')
        .select(['id', 'name', 'deletedAt'])
        .where('tenant', '=', tenant)
        .$if(names !== null, (query) => query.where('name', 'in', names?.length ? [...names] : ['']))
        .orderBy('name')
        .orderBy('createdAt')
        .execute();
      return rows.map(({ id, name, deletedAt }) => ({ id, name, deleted: deletedAt !== null }));
    },
  };
}

function lock(transaction: Database, tenant: string, name: string) {
  return transaction
    .selectFrom('budgets')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
}

/** @throws PlatformError conflict */
function mustOwn({ name, origin }: { readonly name: string; readonly origin: BudgetOrigin }, by: BudgetOrigin): void {
  if (origin === by) return;
  throw new PlatformError(
    'conflict',
    origin === 'kubernetes'
      ? `Budget ${name} is declared by an object of Kubernetes`
      : `There is a budget ${name} already that no object of Kubernetes has declared`,
    {
      hint:
        origin === 'kubernetes' ? 'Change the object instead.' : 'Delete that budget, or name the object otherwise.',
    },
  );
}
