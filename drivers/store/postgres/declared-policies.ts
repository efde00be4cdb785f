import type { DeclaredPolicyStore } from '../declared-policy-store';
import type { Database } from './database-schema';
import { storableJson } from './json-rows';

export function declaredPolicyQueries(db: Database): DeclaredPolicyStore {
  return {
    declaredPolicies: (kind) =>
      db
        .selectFrom('declaredPolicies')
        .selectAll()
        .where('kind', '=', kind)
        .orderBy('tenant')
        .orderBy('name')
        .execute(),

    replaceDeclaredPolicies: (kind, policies) =>
      db.transaction().execute(async (transaction) => {
        const known = await transaction
          .selectFrom('declaredPolicies')
          .selectAll()
          .where('kind', '=', kind)
          .forUpdate()
          .execute();
        const gone = known.filter(
          (row) => !policies.some(({ tenant, name }) => row.tenant === tenant && row.name === name),
        );
        for (const { tenant, name } of gone) {
          await transaction
            .deleteFrom('declaredPolicies')
            .where('kind', '=', kind)
            .where('tenant', '=', tenant)
            .where('name', '=', name)
            .execute();
        }
        for (const { tenant, name, uid, generation, spec } of policies) {
          const same = known.find((row) => row.tenant === tenant && row.name === name);
          if (same?.uid === uid && same.generation === generation) continue;
          const values = { uid, generation, spec: storableJson(spec) };
          await transaction
            .insertInto('declaredPolicies')
            .values({ kind, tenant, name, ...values })
            .onConflict((conflict) => conflict.columns(['kind', 'tenant', 'name']).doUpdateSet(values))
            .execute();
        }
      }),
  };
}
