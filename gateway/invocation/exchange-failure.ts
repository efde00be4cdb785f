import { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import type { ExchangeEnd } from './exchange';

type FailedEnd = Extract<ExchangeEnd, { kind: 'unsent' | 'broken' | 'timeout' | 'too-large' }>;

/** What an exchange that failed means for the caller. */
export function exchangeFailure(end: FailedEnd, timeouts: RunSpec['timeouts'], maxBodyBytes: number): PlatformError {
  switch (end.kind) {
    case 'too-large':
      return bodyTooLarge(maxBodyBytes);
    case 'unsent':
      return isCallersMistake(end.error)
        ? new PlatformError('invalid_argument', `The request cannot be passed on: ${end.error.message}`)
        : new PlatformError('unavailable', 'No instance of the function could be connected to', {
            cause: end.error,
            retryAfterSeconds: 1,
          });
    case 'broken':
      return new PlatformError(
        'handler_failed',
        'The function broke the connection off before its answer was complete',
        {
          cause: end.error,
          hint: 'A handler that exits or runs out of memory does this; see the logs of the invocation.',
        },
      );
    case 'timeout': {
      const what = { firstByte: 'begin its answer', idle: 'go on with its answer', total: 'finish' }[end.clock];
      const limit = { firstByte: 'firstByteMs', idle: 'idleMs', total: 'totalMs' } as const;
      return new PlatformError(
        'function_timeout',
        `The function did not ${what} within ${timeouts[limit[end.clock]]} ms`,
        { hint: `Raise spec.timeouts.${end.clock} in function.yaml if it needs longer.` },
      );
    }
  }
}

export function bodyTooLarge(maxBodyBytes: number): PlatformError {
  return new PlatformError('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`);
}

/** The HTTP client refuses to send it (a header that cannot be passed on): no instance is at fault. */
export function isCallersMistake(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';
}
