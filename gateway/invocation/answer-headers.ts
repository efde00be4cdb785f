import { startMsOf, type InvocationProgress } from '../record/invocation-progress';

/**
 * The head of a function's answer with what the platform tells about it: which start, where, and the platform's own time,
 * which is all time up to now that the function did not have.
 * @param headers the function's own, flat
 * @param closing ask the caller to close the connection
 */
export function answerHeaders(
  headers: string[],
  progress: InvocationProgress,
  revision: number,
  closing: boolean,
): string[] {
  const now = performance.now();
  const functionMs = (progress.headAt ?? now) - (progress.sentAt ?? now);
  const platformMs = now - progress.arrivedAt - functionMs;
  const startMs = startMsOf(progress, now);
  headers.push('x-presage-start', progress.kind ?? 'hot');
  if (progress.cause !== null) headers.push('x-presage-cause', progress.cause);
  headers.push(
    'x-presage-node',
    progress.node ?? '',
    'x-presage-revision',
    String(revision),
    'x-presage-platform-ms',
    platformMs.toFixed(3),
    'x-request-id',
    progress.id,
    'server-timing',
    `queue;dur=${Math.max(0, platformMs - startMs).toFixed(3)}, start;dur=${startMs.toFixed(3)};desc="${progress.kind ?? 'hot'}", function;dur=${functionMs.toFixed(3)}`,
  );
  if (closing) headers.push('connection', 'close');
  return headers;
}

/** The head with which a connection becomes a WebSocket. @param headers the function's own and ours, flat */
export function switchingHead(headers: readonly string[]): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) {
    // Of the connection it has been said what it becomes; that nothing of HTTP follows on it goes without saying.
    if (headers[i] !== 'connection') head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  }
  return `${head}\r\n`;
}

/** What a failure tells about the instance that it met, where it met one. */
export function problemAnswerHeaders(
  progress: InvocationProgress,
  revision: number | undefined,
): Record<string, string> {
  return {
    ...(progress.kind === null ? {} : { 'x-presage-start': progress.kind }),
    ...(progress.cause === null ? {} : { 'x-presage-cause': progress.cause }),
    ...(progress.node === null ? {} : { 'x-presage-node': progress.node }),
    ...(revision === undefined || progress.admittedAt === null ? {} : { 'x-presage-revision': String(revision) }),
    'x-presage-platform-ms': (performance.now() - progress.arrivedAt - functionMsOf(progress)).toFixed(3),
  };
}

function functionMsOf(progress: InvocationProgress): number {
  return progress.sentAt === null ? 0 : performance.now() - progress.sentAt;
}
