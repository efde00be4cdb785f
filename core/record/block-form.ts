/** Microseconds after the block's minute began (`at`: milliseconds). */
export const TIME_COLUMNS = ['at', 'total', 'execute'] as const;

/** Microseconds, bytes, and byte-milliseconds; `cpu` is one more than it was, 0 where it was not measured. */
export const NUMBER_COLUMNS = ['admit', 'firstByte', 'head', 'body', 'cpu', 'memory', 'bytesIn', 'bytesOut'] as const;

/** What many calls have in common: each value is written once, and each call has its place among them. */
export const NAME_COLUMNS = [
  'revision',
  'node',
  'instanceId',
  'method',
  'path',
  'status',
  'userRegion',
  'callerId',
  'caller',
  'pricing',
] as const;

/** Names of a block of the first version: those that came later were null. */
export const FIRST_NAMES = 9;

export type Name = string | number | null;

export const TRACE_BYTES = 16;
/** A block holds calls of one minute. */
export const MINUTE_MS = 60_000;
