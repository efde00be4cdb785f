import { isPlatformError } from '../../core/error/platform-error';
import type { AsyncQueue, NewAsyncInvocation } from '../../drivers/async-queue/async-queue';

const PAUSE_MS = 100;

/**
 * Has the queue write it down, again and again while the database is away or its disk is full: a database that is being
 * restarted costs callers a moment, not their request. The queue knows what it has written already.
 * @param patienceMs after which the refusal is passed on
 * @throws PlatformError what the queue throws
 */
export async function acceptDurably(
  queue: Pick<AsyncQueue, 'accept'>,
  invocation: NewAsyncInvocation,
  patienceMs: number,
): ReturnType<AsyncQueue['accept']> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await queue.accept(invocation);
    } catch (error) {
      const passes = isPlatformError(error) && (error.code === 'unavailable' || error.code === 'storage_full');
      if (!passes || performance.now() + PAUSE_MS > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
