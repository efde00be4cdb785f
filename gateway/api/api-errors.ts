import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  isPlatformError,
  PlatformError,
  toPlatformError,
  type ErrorCode,
  type Problem,
} from '../../core/error/platform-error';
import { problemDocument, problemHeaders } from '../problem';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Fastify's own refusals, by HTTP status, as our codes. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_argument',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  414: 'invalid_argument',
  415: 'unsupported_media_type',
  431: 'invalid_argument',
  503: 'unavailable',
};

/** Answers with `error` as problem+json, and logs what is our fault with its stack. */
export function replyWithProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = platformErrorOf(error, request);
  if (failure.status >= 500 && !failure.retryable) request.log.error({ err: error }, 'request failed');
  else request.log.debug({ code: failure.code, detail: failure.message }, 'request refused');
  return reply
    .code(failure.status)
    .headers(problemHeaders(failure))
    .header('x-request-id', request.id)
    .send(JSON.stringify(problemDocument(failure, request.id)));
}

/** Answers what no route matched: 405 with `allow` where the path exists under another method, else 404. */
export function replyToUnknownRoute(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '/';
  const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  if (allowed.length > 0) {
    void reply.header('allow', allowed.join(', '));
    const error = new PlatformError(
      'method_not_allowed',
      `${request.method} is not known at ${path}; it takes ${allowed.join(', ')}.`,
    );
    return replyWithProblem(error, request, reply);
  }
  const error = new PlatformError('not_found', `There is nothing at ${path}.`, {
    hint: 'See /docs for the API; functions are called at /fn/{tenant}/{function}/.',
  });
  return replyWithProblem(error, request, reply);
}

function platformErrorOf(error: unknown, request: FastifyRequest): PlatformError {
  if (isPlatformError(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return fromValidation(error, request);
  if (isFastifyError(error) && !isResponseSerializationError(error)) {
    const code = CODE_OF_STATUS[error.statusCode ?? 500];
    if (code) return new PlatformError(code, error.message, { cause: error });
  }
  return toPlatformError(error);
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
}

interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
}

function fromValidation(
  error: { readonly validation: readonly Issue[]; readonly validationContext?: string | undefined },
  request: FastifyRequest,
): PlatformError {
  const where = error.validationContext ?? 'body';
  const problems = error.validation.map((issue) => problemOf(issue, where, request));
  const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  return new PlatformError(
    'invalid_argument',
    `The ${NAMES[where] ?? where} has ${problems.length} problem(s): ${lines}`,
    { problems },
  );
}

const NAMES: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'path',
  body: 'body',
  headers: 'header',
};

function problemOf(issue: Issue, where: string, request: FastifyRequest): Problem {
  const path = issue.instancePath.split('/').filter(Boolean).join('.') || '(root)';
  const known = issue.keyword === 'unrecognized_keys' ? knownKeys(where, path, request) : [];
  return {
    path,
    message: issue.message ?? 'is not valid',
    ...(known.length > 0 ? { hint: `known here: ${known.join(', ')}` } : {}),
  };
}

/** The names a query or a body may have at its root, for the hint of an unknown one. */
function knownKeys(where: string, path: string, request: FastifyRequest): string[] {
  const schemas = request.routeOptions.schema as Partial<Record<string, unknown>> | undefined;
  let object = schemas?.[where];
  // A body that may be missing is wrapped.
  while (object instanceof z.ZodOptional || object instanceof z.ZodNullable) object = object.unwrap();
  return path === '(root)' && object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}
