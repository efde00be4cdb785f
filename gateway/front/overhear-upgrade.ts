import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Headers that only say how the wish is meant. */
const OF_THE_WISH: ReadonlySet<string> = new Set(['upgrade', 'connection', 'http2-settings']);

/**
 * Serves a request without what its caller would rather speak, as a server may (RFC 9110 §7.8): HTTP clients offer `h2c`
 * with ordinary requests, bodies included. The parser has let go of the connection, so it gets it back from the start.
 * @param head what has come over the connection after the head of the request
 */
export function overhearUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!OF_THE_WISH.has(name.toLowerCase())) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  if (/\bclose\b/i.test(request.headers.connection ?? '')) text += 'Connection: close\r\n';
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}
