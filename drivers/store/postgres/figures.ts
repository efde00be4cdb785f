import { sql } from 'kysely';
import type { Database } from './database-schema';

/** Figures that only grow, kept over restarts, in a table of their own. */
export function figuresIn<Figure extends string>(
  db: Database,
  table: 'budgetFigures' | 'forecastFigures' | 'migrationFigures' | 'placementFigures' | 'warmingFigures',
  names: readonly Figure[],
) {
  return {
    async add(figures: Readonly<Partial<Record<Figure, number>>>): Promise<void> {
      const rows = names.flatMap((name) => {
        const value = figures[name] ?? 0;
        return value === 0 ? [] : [{ name, value }];
      });
      if (rows.length === 0) return;
      await db
        .insertInto(table)
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ value: sql<number>`${sql.ref(`${table}.value`)} + excluded.value` }),
        )
        .execute();
    },

    /** All of them; those that were never added to are 0. */
    async read(): Promise<Readonly<Record<Figure, number>>> {
      const rows = await db.selectFrom(table).selectAll().execute();
      const found = new Map(rows.map(({ name, value }) => [name, value]));
      return Object.fromEntries(names.map((name) => [name, found.get(name) ?? 0])) as Record<Figure, number>;
    },
  };
}
