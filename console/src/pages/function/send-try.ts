import { currentCredential } from '../../session/credential';
import { served, type ReadRequest, type Served } from './try-request';

/** What came back. */
export interface TryAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly [name: string, value: string][];
  /** As text; what is no text is told by its size alone. */
  readonly body: string;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly served: Served;
  /** Where the state of an asynchronous one is. */
  readonly location: string | null;
}

const MOST_SHOWN = 200_000;
const TEXT = /^(text\/|application\/(.*\+)?(json|xml|javascript|x-ndjson|graphql)|image\/svg)/;

/** Calls the function as who is logged in, by the way that every caller takes. @throws TypeError where nobody answers */
export async function sendTry(request: ReadRequest, signal: AbortSignal): Promise<TryAnswer> {
  const credential = await currentCredential();
  const headers = new Headers(request.headers);
  if (credential !== null) headers.set('authorization', `Bearer ${credential}`);
  const { method, url, body } = request;
  const began = performance.now();
  const response = await fetch(url, { method, headers, body, signal, cache: 'no-store', credentials: 'omit' });
  const firstByteMs = performance.now() - began;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const totalMs = performance.now() - began;
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    body: bodyText(bytes, response.headers.get('content-type')),
    firstByteMs,
    totalMs,
    served: served((name) => response.headers.get(name)),
    location: response.headers.get('location'),
  };
}

function bodyText(bytes: Uint8Array, type: string | null): string {
  if (bytes.length > 0 && type !== null && !TEXT.test(type)) return `(${bytes.length} bytes of ${type})`;
  const text = new TextDecoder().decode(bytes.subarray(0, MOST_SHOWN));
  return bytes.length > MOST_SHOWN ? `${text}\n… ${bytes.length - MOST_SHOWN} bytes more` : pretty(text, type);
}

function pretty(text: string, type: string | null): string {
  if (type === null || !/json/.test(type)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A function may call anything JSON: it is shown as it came.
    return text;
  }
}
