import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PlatformError } from '../../core/error/platform-error';
import { invocationId } from '../invocation/invocation-id';
import { PROBLEM_CONTENT_TYPE, problemDocument } from '../problem';

export const MAX_HEADER_BYTES = 32 * 1024;
/** Who does not read its last answer, or goes on sending, is not waited for. */
const FAREWELL_MS = 1_000;

/** What does not parse as HTTP, or does not come in time, has no request to answer to. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // It has been answered, and what came after that was not even HTTP.
  if (socket.writableEnded) return cutSoon(socket);
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    endWith(socket, new PlatformError('invalid_argument', 'The head of the request did not come in time'), 408);
  } else if (error.code === 'HPE_HEADER_OVERFLOW') {
    const message = `The headers of the request are longer than ${MAX_HEADER_BYTES} bytes`;
    endWith(socket, new PlatformError('invalid_argument', message), 431);
  } else endWith(socket, new PlatformError('invalid_argument', 'The request is not valid HTTP'));
}

/** Says why in raw bytes and closes the connection, whatever else was on its way over it. */
export function endWith(socket: Socket, error: PlatformError, status: number = error.status): void {
  const body = JSON.stringify({ ...problemDocument(error, invocationId(Date.now())), status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  cutSoon(socket);
}

function cutSoon(socket: Socket): void {
  setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
}
