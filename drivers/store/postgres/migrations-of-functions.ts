import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import { MIGRATION_SECONDS, type MigrationRecord, type PlacementStore } from '../placement-store';
import type { Database } from './database-schema';
import { figuresIn } from './figures';
import { newestPage, type NewestFirst } from './newest-page';

type MigrationQueries = Omit<PlacementStore, 'placementOf' | 'setPlacement'>;

const newest: NewestFirst<MigrationRecord> = {
  kind: 'migrations',
  column: 'createdAt',
  timeOf: ({ createdAt }) => createdAt,
};

/** Each with its figures: how many ended so, how long they took together, and how many of them within each bound. */
const OUTCOMES = ['completed', 'rolled-back', 'refused'] as const;
type Outcome = (typeof OUTCOMES)[number];
const within = (outcome: Outcome, seconds: number): string => `${outcome} within ${seconds}`;
const FIGURES = OUTCOMES.flatMap((outcome) => [
  `${outcome} count`,
  `${outcome} seconds`,
  ...MIGRATION_SECONDS.map((seconds) => within(outcome, seconds)),
]);

export function migrationQueries(db: Database): MigrationQueries {
  return {
    createMigration: (input) =>
      db
        .insertInto('migrations')
        // The time is ours, in whole milliseconds: a cursor keeps no more of it.
        .values({ ...input, createdAt: new Date(), error: null, endedAt: null })
        .returningAll()
        .executeTakeFirstOrThrow(),

    async updateMigration(id, { phases, ...change }) {
      const ended = change.state !== undefined && change.state !== 'running';
      const found = await db.selectFrom('migrations').select('endedAt').where('id', '=', id).executeTakeFirst();
      if (!found) throw new PlatformError('not_found', `There is no migration ${id}`);
      await db.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('migrations')
          // `id = id` keeps the statement whole when nothing is to be changed.
          .set({
            id,
            ...change,
            ...(phases ? { phases: JSON.stringify(phases) } : {}),
            ...(ended ? { endedAt: sql<Date>`now()` } : {}),
          })
          .where('id', '=', id)
          .where('endedAt', 'is', null)
          .returning(['state', 'createdAt', 'endedAt'])
          .executeTakeFirst();
        if (!row?.endedAt || row.state === 'running') return;
        const { state } = row;
        const took = Math.max(0, row.endedAt.getTime() - row.createdAt.getTime()) / 1000;
        const added: Record<string, number> = { [`${state} count`]: 1, [`${state} seconds`]: took };
        for (const bound of MIGRATION_SECONDS) if (took <= bound) added[within(state, bound)] = 1;
        await figuresIn<string>(transaction, 'migrationFigures', FIGURES).add(added);
      });
    },

    async findMigration(tenant, id) {
      const row = await db
        .selectFrom('migrations')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    migrations(query) {
      let select = db.selectFrom('migrations').selectAll().where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.state !== undefined) select = select.where('state', '=', query.state);
      return newestPage(select, query, newest);
    },

    async migrationFigures() {
      const figures = await figuresIn<string>(db, 'migrationFigures', FIGURES).read();
      return OUTCOMES.map((outcome) => ({
        outcome,
        count: figures[`${outcome} count`] ?? 0,
        seconds: figures[`${outcome} seconds`] ?? 0,
        buckets: MIGRATION_SECONDS.map((bound) => figures[within(outcome, bound)] ?? 0),
      })).filter(({ count }) => count > 0);
    },
  };
}
