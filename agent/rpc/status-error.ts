import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { z } from 'zod';
import { ERROR_CODES, PlatformError, toPlatformError, type ErrorCode } from '../../core/error/platform-error';

const wireSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  retryAfterSeconds: z.number().optional(),
});

/** HTTP/2 headers are small; a failing function's last lines may not be. */
const MAX_MESSAGE = 4000;

/** The nearest gRPC status, for readers without our codes (proxies, grpcurl). */
const STATUS_BY_HTTP: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ABORTED,
  412: status.FAILED_PRECONDITION,
  413: status.OUT_OF_RANGE,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
  507: status.RESOURCE_EXHAUSTED,
};

/** Any failure as a gRPC status whose message carries our code. */
export function statusOfError(error: unknown): { code: status; details: string; metadata: Metadata } {
  const failure = toPlatformError(error);
  return {
    code: STATUS_BY_HTTP[failure.status] ?? status.INTERNAL,
    details: failureJson(failure),
    metadata: new Metadata(),
  };
}

/** What travels of a failure, as JSON text. */
export function failureJson({ code, message, retryAfterSeconds }: PlatformError): string {
  return JSON.stringify({
    code,
    message: message.slice(0, MAX_MESSAGE),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** The other end of `failureJson`; `internal` for what is none. */
export function errorOfFailureJson(text: string, cause?: unknown): PlatformError {
  const answer = parseDetails(text);
  if (!answer) return new PlatformError('internal', `The agent failed in an unknown way: ${text}`, { cause });
  const { code, message, retryAfterSeconds } = answer;
  return new PlatformError(code, message, {
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** A gRPC failure as the PlatformError that the agent threw; a transport failure as `unavailable`. */
export function errorOfStatus(error: ServiceError, method: string): PlatformError {
  if (parseDetails(error.details)) return errorOfFailureJson(error.details, error);
  const what =
    error.code === status.DEADLINE_EXCEEDED ? 'did not answer in time' : `cannot be reached: ${error.details}`;
  const code = error.code === status.INTERNAL || error.code === status.UNKNOWN ? 'internal' : 'unavailable';
  return new PlatformError(code, `The agent ${what} (${method})`, { cause: error, retryAfterSeconds: 1 });
}

function parseDetails(details: string): z.infer<typeof wireSchema> | undefined {
  if (!details.startsWith('{')) return undefined;
  try {
    return wireSchema.safeParse(JSON.parse(details)).data;
  } catch {
    return undefined;
  }
}
