import { sql, type RawBuilder } from 'kysely';
import type { Manifest } from '../../../core/function/manifest';
import type { Database } from '../../store/postgres/database-schema';

export interface LiveRevision {
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly manifest: Manifest;
}

/**
 * The revision of each function that its alias `live` points at with most of its weight.
 * @param condition on `functions` and `revisions`
 */
export async function liveRevisions(db: Database, condition: RawBuilder<unknown>): Promise<LiveRevision[]> {
  const { rows } = await sql<LiveRevision>`
    select functions.id as function_id, functions.tenant, functions.name as function, revisions.manifest
    from functions
    join aliases on aliases.function_id = functions.id and aliases.name = 'live'
    cross join lateral (
      select (share->>'revision')::int as number from jsonb_array_elements(aliases.weights) as share
      order by (share->>'weight')::int desc limit 1
    ) as most
    join revisions on revisions.function_id = functions.id and revisions.number = most.number
    where functions.deleted_at is null and ${condition}
    order by functions.id`.execute(db);
  return rows;
}
