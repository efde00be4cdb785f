import { isPlatformError, PlatformError, type ErrorCode } from '../../../core/error/platform-error';

interface Answer {
  readonly code: ErrorCode;
  readonly message: string;
}

const AWAY: Answer = { code: 'unavailable', message: 'The database is away' };
const BUSY: Answer = { code: 'unavailable', message: 'The database is busy' };

/** PostgreSQL's SQLSTATE, or its first two letters (the class), as what the caller may be told. */
const BY_STATE: Readonly<Record<string, Answer>> = {
  '23505': { code: 'conflict', message: 'It exists already' },
  '23503': { code: 'not_found', message: 'It belongs to something that does not exist' },
  '53100': { code: 'storage_full', message: "The database's disk is full" },
  '57014': { code: 'unavailable', message: 'The database took too long' },
  '55P03': BUSY,
  '25P03': BUSY,
  '25006': AWAY,
  '08': AWAY,
  '28': { code: 'unavailable', message: 'The database refuses our login' },
  '3D': { code: 'unavailable', message: 'The database does not exist' },
  '40': BUSY,
  '53': BUSY,
  '57': AWAY,
  '58': AWAY,
};

/** Node's own codes of a connection that failed or broke. */
const CONNECTION = /^(ECONN\w+|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EACCES)$/;
const CONNECTION_TEXT =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|read timeout|not queryable|client was closed|pool after calling end/i;

/** True when the connection that gave this error must not be used again. */
export function breaksConnection(error: unknown): boolean {
  const state = stateOf(error);
  if (state !== undefined && CONNECTION.test(state)) return true;
  if (state !== undefined && /^(08|57P|58)/.test(state)) return true;
  return CONNECTION_TEXT.test(textOf(error, 'message') ?? '');
}

/** What went wrong, without a word of SQL: the original stays as `cause`, for the log only. */
export function databaseError(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  const answer = answerTo(error);
  return new PlatformError(answer.code, answer.message, {
    cause: error,
    ...(answer.code === 'unavailable' ? { retryAfterSeconds: 1 } : {}),
  });
}

function answerTo(error: unknown): Answer {
  const state = stateOf(error);
  const known = state === undefined ? undefined : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)]);
  if (known && state?.length === 5) return known;
  if (breaksConnection(error)) return AWAY;
  return { code: 'internal', message: 'The database refused a statement' };
}

function stateOf(error: unknown): string | undefined {
  return textOf(error, 'code');
}

/** By shape and not by class: errors of Node itself are of another realm in some hosts. */
function textOf(error: unknown, field: 'code' | 'message'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}
