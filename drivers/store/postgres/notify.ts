import { sql } from 'kysely';
import type { Database } from './database-schema';

export const TOPICS = ['routes', 'events', 'logs', 'limits', 'nodes', 'budgets'] as const;
export type Topic = (typeof TOPICS)[number];

/** The LISTEN channel of a topic. */
export function channelOf(topic: Topic): string {
  return `presage_${topic}`;
}

/** Tells every listening process, once the transaction of `db` has committed. Equal payloads are told once. */
export async function notify(db: Database, topic: Topic, payloads: Iterable<string>): Promise<void> {
  const distinct = [...new Set(payloads)];
  if (distinct.length === 0) return;
  await sql`select pg_notify(${channelOf(topic)}, payload) from unnest(${distinct}::text[]) as payload`.execute(db);
}

/**
 * Makes the writers of one table commit one after the other until the transaction of `db` ends, so that its ids become
 * visible in their order: a reader who asks for what is after the last id misses nothing.
 */
export async function inOrder(db: Database, topic: Topic): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext(${`${channelOf(topic)}_order`}))`.execute(db);
}
