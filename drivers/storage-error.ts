import { PlatformError, isPlatformError } from '../core/error/platform-error';

/** A file system's refusal as a PlatformError: `storage_full` where the disk or quota is full, else `internal`. */
export function storageError(error: unknown, doing: string): PlatformError {
  if (isPlatformError(error)) return error;
  const code = errorCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PlatformError('storage_full', `${doing}: no space left on the disk`, {
      cause: error,
      hint: 'Free some space, or let retention remove old checkpoints and code; then try again.',
    });
  }
  return new PlatformError('internal', `${doing}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

/** `ENOENT` and its like; undefined for what is not a system error. No `instanceof`: Jest realms have their own Error. */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
