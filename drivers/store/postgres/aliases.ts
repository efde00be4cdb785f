import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { AliasRecord, Store } from '../store';
import type { Database } from './database-schema';
import { notify } from './notify';

export const ALIAS_COLUMNS = ['functionId', 'name', 'weights', 'generation', 'updatedAt'] as const;

export function aliasQueries(db: Database): Pick<Store, 'aliases' | 'setAlias' | 'deleteAlias'> {
  return {
    aliases: async (...functionIds) =>
      functionIds.length === 0
        ? []
        : db
            .selectFrom('aliases')
            .select(ALIAS_COLUMNS)
            .where('functionId', 'in', functionIds)
            .orderBy('name')
            .execute(),

    setAlias: async (functionId, name, weights, ifGeneration) => {
      checkWeights(weights);
      return db.transaction().execute(async (transaction) => {
        await checkRevisions(transaction, functionId, weights);
        const alias = await writeAlias(transaction, functionId, name, weights, ifGeneration);
        if (!alias) {
          throw new PlatformError('precondition_failed', `The alias ${name} has changed since it was read`, {
            hint: 'Read it again and repeat the change.',
          });
        }
        await notifyFunction(transaction, functionId);
        return alias;
      });
    },

    deleteAlias: (functionId, name) =>
      db.transaction().execute(async (transaction) => {
        const result = await transaction
          .deleteFrom('aliases')
          .where('functionId', '=', functionId)
          .where('name', '=', name)
          .executeTakeFirst();
        if (result.numDeletedRows === 0n) return false;
        await notifyFunction(transaction, functionId);
        return true;
      }),
  };
}

function checkWeights(weights: AliasRecord['weights']): void {
  const whole = weights.every(({ weight }) => Number.isInteger(weight) && weight >= 0);
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  const distinct = new Set(weights.map(({ revision }) => revision)).size === weights.length;
  if (whole && distinct && sum === 100) return;
  throw new PlatformError('invalid_argument', 'The weights of an alias must be whole numbers that sum to 100', {
    problems: [{ path: 'weights', message: `they sum to ${sum}, each revision must be named once` }],
  });
}

async function checkRevisions(db: Database, functionId: string, weights: AliasRecord['weights']): Promise<void> {
  const known = await db
    .selectFrom('revisions')
    .select('number')
    .where('functionId', '=', functionId)
    .where(
      'number',
      'in',
      weights.map(({ revision }) => revision),
    )
    .execute();
  const missing = weights.find(({ revision }) => !known.some(({ number }) => number === revision));
  if (missing) throw new PlatformError('not_found', `There is no revision ${missing.revision} of this function`);
}

/** The alias as written, or undefined when `ifGeneration` no longer holds. */
function writeAlias(
  db: Database,
  functionId: string,
  name: string,
  weights: AliasRecord['weights'],
  ifGeneration: number | undefined,
): Promise<AliasRecord | undefined> {
  const next = {
    weights: JSON.stringify(weights),
    generation: sql<number>`aliases.generation + 1`,
    updatedAt: sql<Date>`now()`,
  };
  if (ifGeneration !== undefined && ifGeneration > 0) {
    return db
      .updateTable('aliases')
      .set(next)
      .where('functionId', '=', functionId)
      .where('name', '=', name)
      .where('generation', '=', ifGeneration)
      .returning(ALIAS_COLUMNS)
      .executeTakeFirst();
  }
  return db
    .insertInto('aliases')
    .values({ functionId, name, weights: next.weights })
    .onConflict((conflict) => {
      const same = conflict.columns(['functionId', 'name']);
      return ifGeneration === 0 ? same.doNothing() : same.doUpdateSet(next);
    })
    .returning(ALIAS_COLUMNS)
    .executeTakeFirst();
}

async function notifyFunction(db: Database, functionId: string): Promise<void> {
  const row = await db
    .selectFrom('functions')
    .select(['tenant', 'name'])
    .where('id', '=', functionId)
    .executeTakeFirst();
  if (row) await notify(db, 'routes', [`${row.tenant}/${row.name}`]);
}
