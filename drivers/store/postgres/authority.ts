import type { AuthorityStore } from '../authority-store';
import type { Database } from './database-schema';

export function authorityQueries(db: Database): AuthorityStore {
  const read = async (): Promise<Buffer | null> =>
    (await db.selectFrom('authority').select('sealed').executeTakeFirst())?.sealed ?? null;
  return {
    authority: read,

    async keepAuthority(sealed) {
      await db
        .insertInto('authority')
        .values({ sealed })
        .onConflict((conflict) => conflict.column('one').doNothing())
        .execute();
      return (await read()) ?? sealed;
    },

    async renewAuthority(from, to) {
      const result = await db
        .updateTable('authority')
        .set({ sealed: to })
        .where('sealed', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
}
