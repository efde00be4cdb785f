import type { IncomingMessage } from 'node:http';
import { PlatformError } from '../../core/error/platform-error';
import { endWith } from './broken-request';

export interface PaceOptions {
  /** How often it is looked at, in milliseconds. */
  readonly everyMs: number;
  /** Bytes that must have come since the look before. */
  readonly minBytes: number;
}

/** A caller on the worst of lines does better. */
const DEFAULT_PACE: PaceOptions = { everyMs: 10_000, minBytes: 2_400 };

/**
 * Cuts off who sends a body too slowly to mean it: every look but the last must find some bytes more. A reader of the
 * body that pauses holds the caller up, not the other way round, and is not counted against it.
 */
export function watchPace(request: IncomingMessage, pace: PaceOptions = DEFAULT_PACE): void {
  if (request.complete) return;
  const { socket } = request;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    const { bytesRead } = socket;
    if (request.complete) clearInterval(timer);
    else if (!request.isPaused() && bytesRead - seen < pace.minBytes) {
      clearInterval(timer);
      endWith(socket, new PlatformError('invalid_argument', 'The body of the request came too slowly'), 408);
    }
    seen = bytesRead;
  }, pace.everyMs);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  request.once('end', stop);
  request.once('close', stop);
}
