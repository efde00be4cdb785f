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
    details: JSON.stringify({
      code: failure.code,
      message: failure.message.slice(0, MAX_MESSAGE),
      ...(failure.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: failure.retryAfterSeconds }),
    }),
    metadata: new Metadata(),
  };
}

/** True when the peer's code answered, false when the transport failed before it could. */
export function isAgentAnswer(error: ServiceError): boolean {
  return parseDetails(error.details) !== undefined;
}

/** A gRPC failure as the PlatformError that the agent threw; a transport failure as `unavailable`. */
export function errorOfStatus(error: ServiceError, method: string): PlatformError {
  const answer = parseDetails(error.details);
  if (answer) {
    const { code, message, retryAfterSeconds } = answer;
    return new PlatformError(code, message, {
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
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
