import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { RevisionRecord, Store } from '../store';
import type { Database } from './database-schema';
import { FUNCTION_COLUMNS } from './functions';
import { storableJson } from './json-rows';
import { notify } from './notify';

type RevisionQueries = Pick<Store, 'createRevision' | 'setRevisionState' | 'revisions' | 'findRevision'>;

/** Revisions with the names of their function, as `RevisionRecord` has them. */
export function selectRevisions(db: Database) {
  return db
    .selectFrom('revisions')
    .innerJoin('functions', 'functions.id', 'revisions.functionId')
    .select([
      'revisions.id',
      'revisions.functionId',
      'functions.tenant',
      'functions.name as function',
      'revisions.number',
      'revisions.digest',
      'revisions.manifest',
      'revisions.codeDigest',
      'revisions.codeKind',
      'revisions.state',
      'revisions.error',
      'revisions.createdAt',
    ]);
}

export function revisionQueries(db: Database): RevisionQueries {
  return {
    createRevision: (input) =>
      db.transaction().execute(async (transaction) => {
        const found = await lockFunction(transaction, input);
        const revision = await findByDigest(transaction, found.id, input.digest);
        if (revision) return { function: found, revision, created: false };
        await insertRevision(transaction, found.id, input);
        const changed = await transaction
          .updateTable('functions')
          .set({ generation: sql<number>`generation + 1` })
          .where('id', '=', found.id)
          // A new function begins at generation 1, its first revision included.
          .where((where) =>
            where.exists(
              where.selectFrom('revisions').select('id').where('functionId', '=', found.id).where('number', '>', 1),
            ),
          )
          .returning('generation')
          .executeTakeFirst();
        await notify(transaction, 'routes', [`${found.tenant}/${found.name}`]);
        const created = await findByDigest(transaction, found.id, input.digest);
        if (!created) throw new PlatformError('internal', 'A revision that was just written is not there');
        return {
          function: { ...found, generation: changed?.generation ?? found.generation },
          revision: created,
          created: true,
        };
      }),

    setRevisionState: (revisionId, state, error) =>
      db.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('revisions')
          .from('functions')
          .whereRef('functions.id', '=', 'revisions.functionId')
          .where('revisions.id', '=', revisionId)
          .set({ state, ...(error === undefined ? {} : { error }) })
          .returning(['functions.tenant', 'functions.name'])
          .executeTakeFirst();
        if (!row) throw new PlatformError('not_found', `There is no revision ${revisionId}`);
        await notify(transaction, 'routes', [`${row.tenant}/${row.name}`]);
      }),

    revisions: (functionId) =>
      selectRevisions(db).where('revisions.functionId', '=', functionId).orderBy('revisions.number', 'desc').execute(),

    async findRevision(functionId, number) {
      const row = await selectRevisions(db)
        .where('revisions.functionId', '=', functionId)
        .where('revisions.number', '=', number)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}

type NewRevision = Parameters<Store['createRevision']>[0];

/** Makes the function or refreshes its labels. Both lock its row, so that revisions get their numbers one by one. */
function lockFunction(db: Database, input: NewRevision) {
  const { name, labels } = input.manifest.metadata;
  return db
    .insertInto('functions')
    .values({ tenant: input.tenant, name, labels: storableJson(labels), deletedAt: null })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'name'])
        .where('deletedAt', 'is', null)
        .doUpdateSet({ labels: storableJson(labels) }),
    )
    .returning(FUNCTION_COLUMNS)
    .executeTakeFirstOrThrow();
}

async function insertRevision(db: Database, functionId: string, input: NewRevision): Promise<void> {
  await db
    .insertInto('revisions')
    .values((values) => ({
      functionId,
      number: sql<number>`(${values
        .selectFrom('revisions')
        .select(({ fn }) => sql<number>`coalesce(${fn.max('number')}, 0) + 1`.as('next'))
        .where('functionId', '=', functionId)})`,
      digest: input.digest,
      manifest: storableJson(input.manifest),
      codeDigest: input.codeDigest,
      codeKind: input.codeKind,
      error: null,
    }))
    .execute();
}

function findByDigest(db: Database, functionId: string, digest: string): Promise<RevisionRecord | undefined> {
  return selectRevisions(db)
    .where('revisions.functionId', '=', functionId)
    .where('revisions.digest', '=', digest)
    .executeTakeFirst();
}
