import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { RevisionPool } from './revision-pool';

/** A function that keeps failing is left alone for a while; its failure is told again. @param leftMs of that while */
export function pausedError(failure: PlatformError, leftMs: number): PlatformError {
  return new PlatformError(failure.code, failure.message, {
    cause: failure,
    problems: failure.problems,
    retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  });
}

/** What one is told who has waited in vain: what stood in the way. @param deadlineMs that it waited */
export function deadlineError(
  pool: Pick<RevisionPool, 'obstacle' | 'lastFailure' | 'retryAt' | 'run'>,
  deadlineMs: number,
): PlatformError {
  const pauseMs = pool.retryAt - performance.now();
  // It was the function that could not start; the node had room.
  if (pool.obstacle === 'slot' && pauseMs > 0 && pool.lastFailure) return pausedError(pool.lastFailure, pauseMs);
  const waited = `Within ${Math.round(deadlineMs)} ms`;
  const options = { retryAfterSeconds: 1, ...(isPlatformError(pool.lastFailure) ? { cause: pool.lastFailure } : {}) };
  switch (pool.obstacle) {
    case 'start':
      return new PlatformError('start_timeout', `${waited} no instance became ready`, options);
    case 'scale':
      return new PlatformError(
        'capacity',
        `${waited} none of the ${pool.run.scale.max} instances became free`,
        options,
      );
    case 'functions':
      return new PlatformError('capacity', `${waited} the node had no slot for another function`, options);
    case 'memory':
      return new PlatformError('capacity', `${waited} the node had no memory for another instance`, options);
    case 'slot':
      return new PlatformError('capacity', `${waited} no start could be begun: too many at once`, options);
  }
}
