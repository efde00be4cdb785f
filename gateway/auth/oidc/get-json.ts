import { PlatformError } from '../../../core/error/platform-error';

const TIMEOUT_MS = 5_000;
const MAX_DOCUMENT_BYTES = 512 * 1024;

/** A document of an issuer. @throws PlatformError unavailable, or what fetch throws */
export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    // Somewhere else is not who was trusted.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new PlatformError('unavailable', `${url} answers with more than ${MAX_DOCUMENT_BYTES} bytes`); // prettier-ignore
    chunks.push(chunk as Uint8Array);
  }
  if (!response.ok) throw new PlatformError('unavailable', `${url} answers with ${response.status}`);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}

/** Where an issuer says what it is. */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}
