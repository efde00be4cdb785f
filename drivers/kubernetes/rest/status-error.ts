import { PlatformError, type ErrorCode, type Problem } from '../../../core/error/platform-error';

/** What the API server says of a failure (`kind: Status`), as far as it is of use here. */
interface FailureStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly message?: string; readonly reason?: string }[];
    readonly retryAfterSeconds?: number;
  };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_argument',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  410: 'precondition_failed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'invalid_argument',
};

const HINTS: Readonly<Record<number, string>> = {
  401: 'The token or certificate is not, or no longer, good: see the kubeconfig, or the service account of the pod.',
  403: 'Give its role this verb on this resource, or run with another service account: docs/kubernetes.md lists what each needs.',
  410: 'The list or watch is too old to be gone on with: read it anew.',
};

/**
 * The answer of an API server as the platform's error.
 * @param call for the sentence: `create deployments "x" in "y"`
 * @param retryAfter of the header, seconds
 */
export function errorOfStatus(status: number, body: string, call: string, retryAfter?: number): PlatformError {
  const said = statusOf(body);
  const code = CODES[status] ?? (status === 429 || status >= 500 ? 'unavailable' : 'internal');
  const seconds = retryAfter ?? said.details?.retryAfterSeconds;
  const hint = HINTS[status] ?? (said.reason === 'AlreadyExists' ? undefined : hintOfConflict(status));
  return new PlatformError(code, `Kubernetes refused to ${call}: ${said.message ?? `HTTP status ${status}`}`, {
    problems: problemsOf(said),
    ...(hint === undefined ? {} : { hint }),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  });
}

/** No answer came at all. */
export function errorOfConnection(url: string, call: string, cause: unknown): PlatformError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new PlatformError('unavailable', `The Kubernetes API server at ${url} does not answer (${code ?? message})`, {
    cause,
    hint: `It was to ${call}. Is the address right, does its certificate belong to the authority that was given, and may this machine reach it?`,
  });
}

function hintOfConflict(status: number): string | undefined {
  return status === 409 ? 'Somebody has changed it meanwhile: read it anew and try again.' : undefined;
}

function problemsOf({ details }: FailureStatus): readonly Problem[] {
  return (details?.causes ?? [])
    .filter(({ message }) => message !== undefined)
    .map(({ field, message }) => ({ path: field ?? '', message: message ?? '' }));
}

function statusOf(body: string): FailureStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'Status')
      return parsed as FailureStatus;
  } catch {
    // Not of the API server itself: a proxy's page, or a plain text.
  }
  return body === '' ? {} : { message: body.slice(0, 500) };
}
