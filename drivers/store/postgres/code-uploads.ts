import type { IdentityStore } from '../identity-store';
import type { Database } from './database-schema';

export function codeUploadQueries(db: Database): Pick<IdentityStore, 'noteCode' | 'hasCode'> {
  return {
    async noteCode(tenant, digest) {
      await db
        .insertInto('codeUploads')
        .values({ tenant, digest })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async hasCode(tenant, digest) {
      const found = await db
        .selectFrom('codeUploads')
        .select('digest')
        .where('tenant', '=', tenant)
        .where('digest', '=', digest)
        .executeTakeFirst();
      return found !== undefined;
    },
  };
}
