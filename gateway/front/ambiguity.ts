import type { IncomingMessage } from 'node:http';
import { PlatformError } from '../../core/error/platform-error';

/** What no host name holds, but what could be read as more than one host, or as a path. */
const NO_HOST = /[\s,/@?#\\"<>]/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

/**
 * What the parser lets through but another server on the way may read otherwise: framing that HTTP/1.1 does not have, two
 * hosts, or a target that names another host than the Host header. Such a request is refused and its connection closed
 * (RFC 9112 §3.2, §6.1, §11.2). Undefined: it can be read in one way only.
 */
export function ambiguityOf(request: IncomingMessage): PlatformError | undefined {
  const { headers, rawHeaders, url = '/' } = request;
  if (request.httpVersionMajor !== 1) return bad(`This speaks HTTP/1.1, not HTTP/${request.httpVersion}`);
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (request.httpVersionMinor === 0) return bad('HTTP/1.0 has no Transfer-Encoding');
    if (coding.toLowerCase() !== 'chunked') {
      return new PlatformError('unsupported', `The transfer coding "${coding.slice(0, 100)}" is not supported`, {
        hint: 'Send the body chunked or with its length; Content-Encoding is passed on to the function.',
      });
    }
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  const host = headers.host ?? '';
  if (hosts > 1 || NO_HOST.test(host)) return bad('The Host header does not name one host');
  if (url.includes('#')) return bad('The target of the request has a fragment');
  if (url.charCodeAt(0) === SLASH || (url === '*' && request.method === 'OPTIONS')) return undefined;
  const authority = ABSOLUTE.exec(url)?.[1];
  if (authority === undefined) return bad('The target of the request is neither a path nor an http address');
  if (authority.toLowerCase() !== host.toLowerCase()) {
    return bad('The target of the request names another host than its Host header');
  }
  return undefined;
}

const SLASH = 0x2f;

function bad(message: string): PlatformError {
  return new PlatformError('invalid_argument', message);
}
