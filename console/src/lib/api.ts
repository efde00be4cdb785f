import type { ProblemDocument } from '../../../gateway/problem';
import { currentCredential, refuseCredential } from '../session/credential';

/** A failed call of the API: its HTTP status (0 where nobody answered), and what it says is wrong. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail);
    this.name = 'ApiError';
  }
}

export type Problem = Pick<ProblemDocument, 'title' | 'detail'> &
  Partial<Pick<ProblemDocument, 'code' | 'requestId' | 'hint' | 'until' | 'errors'>>;

/** @throws ApiError */
export function get<T>(path: string): Promise<T> {
  return send<T>('GET', path);
}

/**
 * Calls the API as who is logged in; `body` goes as JSON, or as it is where it is a Blob. Resolves with the answer's JSON,
 * undefined where it has none. @throws ApiError
 */
export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await open(method, path, body === undefined ? {} : payload(body));
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The same with the answer unread, for streams. @throws ApiError */
export async function open(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const credential = await currentCredential();
  const headers = new Headers(init.headers);
  if (credential !== null) headers.set('authorization', `Bearer ${credential}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, method, headers, cache: 'no-store' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, {
      title: 'The gateway does not answer',
      detail: `${location.origin} cannot be reached.`,
      hint: 'Is it running? presage status, or npm start. The console goes on by itself once it answers.',
    });
  }
  if (response.ok) return response;
  const failure = await errorOf(response);
  if (failure.status === 401) refuseCredential(failure);
  throw failure;
}

function payload(body: unknown): RequestInit {
  if (body instanceof Blob) return { body, headers: { 'content-type': body.type || 'application/octet-stream' } };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    return new ApiError(response.status, (await response.json()) as Problem);
  } catch {
    // Something before the gateway, such as a proxy.
    return new ApiError(response.status, {
      title: `Answered with ${response.status}`,
      detail: `${response.url} answered with ${response.status} ${response.statusText}, and without a reason.`,
    });
  }
}
