/**
 * `queued` is accepted, `waiting` waits for its next try, `running` is with a gateway. The others are ends: answered
 * below 400; answered in a way that no retry mends; given up, which makes it a dead letter; taken back by a person.
 */
export const ASYNC_STATES = ['queued', 'waiting', 'running', 'succeeded', 'failed', 'dead', 'cancelled'] as const;
export type AsyncState = (typeof ASYNC_STATES)[number];

/** How an invocation came about. */
export const ASYNC_ORIGINS = ['http', 'cron', 'webhook', 'destination'] as const;
export type AsyncOrigin = (typeof ASYNC_ORIGINS)[number];
