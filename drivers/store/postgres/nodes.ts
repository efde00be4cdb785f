import { sql } from 'kysely';
import { canonicalJson } from '../../../core/function/revision-digest';
import { PlatformError } from '../../../core/error/platform-error';
import type { NodeBeat, NodeDescription, NodeRecord, NodeStore } from '../node-store';
import type { Database } from './database-schema';
import { notify } from './notify';

/** Tokens that are used or past their time are kept so long, for whoever asks why one is refused. */
const KEPT_TOKENS = sql`interval '7 days'`;

const silentMs = sql<number>`(extract(epoch from now() - last_seen_at) * 1000)::float8`;
const silentFor = (ms: number) => sql<boolean>`last_seen_at < now() - ${ms} * interval '1 millisecond'`;

export function nodeQueries(db: Database): NodeStore {
  const rows = (on: Database) => on.selectFrom('nodes').selectAll().select(silentMs.as('silentMs'));
  const find = async (on: Database, name: string): Promise<NodeRecord | null> => {
    const row = await rows(on).where('name', '=', name).where('removedAt', 'is', null).executeTakeFirst();
    return row ? recordOf(row) : null;
  };

  return {
    nodes: async ({ removed = false } = {}) => {
      const select = rows(db).orderBy('name');
      return (await (removed ? select : select.where('removedAt', 'is', null)).execute()).map(recordOf);
    },

    findNode: (name) => find(db, name),

    beatNode: (beat) =>
      db.transaction().execute(async (transaction) => {
        const before = await transaction
          .selectFrom('nodes')
          .selectAll()
          .where('name', '=', beat.name)
          .forUpdate()
          .executeTakeFirst();
        if (before?.removedAt && before.incarnation === beat.incarnation) return { intent: 'removed', came: null };
        const again = before !== undefined && before.removedAt === null;
        const facts = { ...beat, labels: JSON.stringify(beat.labels), capacity: JSON.stringify(beat.capacity) };
        const fresh = again ? {} : { intent: 'ready' as const, reason: null, registeredAt: sql<Date>`now()` };
        const { intent } = await transaction
          .insertInto('nodes')
          .values(facts)
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ ...facts, ...fresh, lastSeenAt: sql`now()`, lostAt: null, removedAt: null }),
          )
          .returning('intent')
          .executeTakeFirstOrThrow();
        const came = !before ? 'new' : before.removedAt || before.lostAt ? 'back' : null;
        if (came || (before && !same(before, beat))) await notify(transaction, 'nodes', [beat.name]);
        return { intent, came };
      }),

    setNodeState: (name, intent, { reason = null, onlyIf } = {}) =>
      db.transaction().execute(async (transaction) => {
        let update = transaction
          .updateTable('nodes')
          .set({ intent, reason })
          .where('name', '=', name)
          .where('removedAt', 'is', null);
        if (onlyIf) update = update.where('intent', 'in', onlyIf);
        const { numUpdatedRows } = await update.executeTakeFirstOrThrow();
        const node = await find(transaction, name);
        if (!node) throw new PlatformError('not_found', `There is no node ${name}`);
        if (numUpdatedRows === 0n) {
          throw new PlatformError('precondition_failed', `Node ${name} is ${node.intent}, and cannot be ${intent} now`);
        }
        await notify(transaction, 'nodes', [name]);
        return node;
      }),

    describeNode: (name, description) =>
      db.transaction().execute(async (transaction) => {
        const text = JSON.stringify(description);
        const { numUpdatedRows } = await transaction
          .updateTable('nodes')
          .set({ described: text })
          .where('name', '=', name)
          .where(sql<boolean>`described is distinct from ${text}::jsonb`)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n) await notify(transaction, 'nodes', [name]);
      }),

    noticeLostNodes: (afterMs) =>
      db.transaction().execute(async (transaction) => {
        const lost = await transaction
          .updateTable('nodes')
          .set({ lostAt: sql<Date>`now()` })
          .where('lostAt', 'is', null)
          .where('removedAt', 'is', null)
          .where(silentFor(afterMs))
          .returningAll()
          .returning(silentMs.as('silentMs'))
          .execute();
        await notify(
          transaction,
          'nodes',
          lost.map(({ name }) => name),
        );
        return lost.map(recordOf);
      }),

    removeNode: (name, silentForMs) =>
      db.transaction().execute(async (transaction) => {
        const node = await find(transaction, name);
        if (!node) return false;
        const { numUpdatedRows } = await transaction
          .updateTable('nodes')
          .set({ removedAt: sql<Date>`now()` })
          .where('name', '=', name)
          .where((where) => where.or([where('intent', '=', 'drained'), silentFor(silentForMs)]))
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) {
          throw new PlatformError('precondition_failed', `Node ${name} is ${node.intent} and its agent answers`, {
            hint: `Drain it first: presage node drain ${name}`,
          });
        }
        await notify(transaction, 'nodes', [name]);
        return true;
      }),

    async addJoinToken(token) {
      await sql`delete from node_join_tokens where expires_at < now() - ${KEPT_TOKENS}`.execute(db);
      await db.insertInto('nodeJoinTokens').values(token).execute();
    },

    async takeJoinToken(hash) {
      const token = await db
        .updateTable('nodeJoinTokens')
        .set({ usedAt: sql<Date>`now()` })
        .where('hash', '=', hash)
        .where('usedAt', 'is', null)
        .where('expiresAt', '>', sql<Date>`now()`)
        .returning(['hash', 'node', 'tier', 'region', 'expiresAt'])
        .executeTakeFirst();
      return token ?? null;
    },
  };
}

function recordOf({
  described,
  ...row
}: Omit<NodeRecord, 'described'> & { readonly described: NodeDescription | null }): NodeRecord {
  if (!described) return { ...row, described: false };
  return { ...row, ...described, labels: { ...row.labels, ...described.labels }, described: true };
}

/** Is what it says of itself what it said before? */
function same(before: Omit<NodeBeat, 'incarnation'>, beat: NodeBeat): boolean {
  const facts = ({ tier, region, address, labels, capacity }: Omit<NodeBeat, 'incarnation'>): string =>
    canonicalJson({ tier, region, address, labels, capacity });
  return facts(before) === facts(beat);
}
