import { ERROR_CODES, type ErrorCode, type PlatformError, type Problem } from '../core/error/platform-error';

/** Body of every failed answer, `application/problem+json` (RFC 9457). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly hint?: string;
  /** When it ends by itself, ISO 8601. */
  readonly until?: string;
  readonly errors?: readonly Problem[];
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** What the caller may read of a failure: of an unexpected one nothing but where to look. */
export function problemDocument(error: PlatformError, requestId: string): ProblemDocument {
  const { status, title } = ERROR_CODES[error.code];
  const hidden = error.code === 'internal';
  const hint = hidden
    ? 'Give the request id to the operator: the log of the gateway has the reason under it.'
    : error.hint;
  return {
    type: `urn:presage:problem:${error.code}`,
    title,
    status,
    detail: hidden ? 'The platform failed while it answered this request.' : error.message,
    code: error.code,
    requestId,
    ...(hint === undefined ? {} : { hint }),
    ...(error.until === undefined ? {} : { until: error.until.toISOString() }),
    ...(hidden || error.problems.length === 0 ? {} : { errors: error.problems }),
  };
}

/** Headers that belong to a failure: its content type, `retry-after` (s) where a retry helps, how to authenticate. */
export function problemHeaders(error: PlatformError): Record<string, string> {
  const retryAfter = error.retryAfterSeconds ?? (error.retryable && error.status === 503 ? 1 : undefined);
  return {
    'content-type': PROBLEM_CONTENT_TYPE,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
    ...(error.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="presage"' } : {}),
  };
}
