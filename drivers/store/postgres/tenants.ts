import type { Store } from '../store';
import type { Database } from './database-schema';

export function tenantQueries(db: Database): Pick<Store, 'ensureTenant' | 'tenants'> {
  return {
    async ensureTenant(name) {
      await db
        .insertInto('tenants')
        .values({ name })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return db.selectFrom('tenants').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
    },

    tenants: () => db.selectFrom('tenants').selectAll().orderBy('name').execute(),
  };
}
