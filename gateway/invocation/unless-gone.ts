import type { ServerResponse } from 'node:http';

/**
 * Waits for something in the name of a request. Undefined when its caller leaves meanwhile; what comes all the same is
 * handed to `unwanted`.
 * @throws what `wait` rejects with while the caller is there
 */
export async function unlessGone<T>(
  response: ServerResponse,
  wait: (signal: AbortSignal) => Promise<T>,
  unwanted: (result: T) => void,
): Promise<T | undefined> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  if (response.destroyed) gone.abort();
  try {
    const result = await wait(gone.signal);
    if (!gone.signal.aborted) return result;
    unwanted(result);
    return undefined;
  } catch (error) {
    if (gone.signal.aborted) return undefined;
    throw error;
  } finally {
    response.off('close', onClose);
  }
}
