/** How one failure looks to each of its readers: HTTP status, whether a retry can help. */
interface CodeEntry {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
}

/**
 * Every failure Presage can name. The key is the `code` of problem+json, the failure type in Temporal and the
 * `presage-code` metadata of gRPC, so that one word can be searched for in all three.
 */
export const ERROR_CODES = {
  invalid_argument: { status: 400, retryable: false, title: 'The request is not valid' },
  invalid_manifest: { status: 400, retryable: false, title: 'The function manifest is not valid' },
  invalid_archive: { status: 400, retryable: false, title: 'The code archive is not valid' },
  unauthenticated: { status: 401, retryable: false, title: 'An API key is needed' },
  budget_exhausted: { status: 402, retryable: false, title: 'The budget is spent' },
  forbidden: { status: 403, retryable: false, title: 'The key does not allow this' },
  not_found: { status: 404, retryable: false, title: 'Not found' },
  function_not_found: { status: 404, retryable: false, title: 'No such function' },
  method_not_allowed: { status: 405, retryable: false, title: 'The resource does not know this method' },
  conflict: { status: 409, retryable: false, title: 'The resource has changed or is busy' },
  precondition_failed: { status: 412, retryable: false, title: 'The resource has changed meanwhile' },
  payload_too_large: { status: 413, retryable: false, title: 'The body is too large' },
  unsupported_media_type: { status: 415, retryable: false, title: 'The body has the wrong content type' },
  idempotency_mismatch: { status: 422, retryable: false, title: 'The idempotency key belongs to another request' },
  budget_queue: { status: 429, retryable: true, title: 'The budget runs out: calls go one by one' },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests' },
  unsupported: { status: 501, retryable: false, title: 'This machine or driver cannot do that' },
  start_failed: { status: 502, retryable: true, title: 'The function could not be started' },
  handler_failed: { status: 502, retryable: false, title: 'The function ended without answering' },
  capacity: { status: 503, retryable: true, title: 'No capacity before the deadline' },
  unavailable: { status: 503, retryable: true, title: 'A component is away' },
  draining: { status: 503, retryable: true, title: 'The node is draining' },
  start_timeout: { status: 504, retryable: true, title: 'The function did not get ready in time' },
  function_timeout: { status: 504, retryable: false, title: 'The function did not answer in time' },
  restore_failed: { status: 500, retryable: true, title: 'A checkpoint could not be restored' },
  checkpoint_failed: { status: 500, retryable: true, title: 'A checkpoint could not be made' },
  checkpoint_refused: { status: 500, retryable: false, title: 'A checkpoint was refused' },
  artefact_refused: { status: 500, retryable: false, title: 'A forecast model was refused' },
  storage_full: { status: 507, retryable: true, title: 'The disk is full' },
  internal: { status: 500, retryable: false, title: 'An unexpected failure' },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One problem among several, e.g. one field of a manifest. `path` is a dotted path; `hint` says how to mend it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

export interface PlatformErrorOptions {
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
  /** What the caller should do next, one sentence. */
  readonly hint?: string;
  /** Seconds after which a retry makes sense. */
  readonly retryAfterSeconds?: number;
  /** When the reason ends by itself. */
  readonly until?: Date;
}

/** The only error class thrown on purpose. `message` is safe to show to the tenant. */
export class PlatformError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly until: Date | undefined;

  constructor(code: ErrorCode, message: string, options: PlatformErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PlatformError';
    this.code = code;
    this.problems = options.problems ?? [];
    this.hint = options.hint;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.until = options.until;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** Brand check by name, not `instanceof`: Temporal bundles and Jest realms have copies of the class. */
export function isPlatformError(error: unknown): error is PlatformError {
  return error instanceof Error && error.name === 'PlatformError' && 'code' in error;
}

/** Any thrown thing as a PlatformError; what is not ours becomes `internal` with the original as cause. */
export function toPlatformError(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PlatformError('internal', message, { cause: error });
}
