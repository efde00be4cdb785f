import { PlatformError, toPlatformError, type ErrorCode } from '../../core/error/platform-error';
import type { Instance } from './instance';

/** Errors that mean something to whoever wanted the instance; all others are the driver's own affair. */
const TELLING: ReadonlySet<ErrorCode> = new Set([
  'start_failed',
  'start_timeout',
  'restore_failed',
  'invalid_archive',
  'unsupported',
  'storage_full',
  'draining',
]);

/** The error of a failed start as those who asked for the instance see it. */
export function asStartFailure(error: unknown, kind: Instance['kind']): PlatformError {
  const failure = toPlatformError(error);
  if (TELLING.has(failure.code)) return failure;
  const code = kind === 'restore' ? 'restore_failed' : 'start_failed';
  return new PlatformError(code, `The function could not be started: ${failure.message}`, { cause: error });
}

/** The function's last lines travel as problems: who may see them is decided where the error is shown. */
export function withLastLines(error: PlatformError, lines: readonly string[]): PlatformError {
  if (lines.length === 0) return error;
  return new PlatformError(error.code, error.message, {
    cause: error,
    problems: lines.map((message) => ({ path: 'log', message })),
  });
}
