/** What is read changes once a minute, and costs queries. */
const TTL_MS = 15_000;

/** The last answer for a while. A store that is away must not take the other metrics with it: what was read last stands. */
export function cached<T>(now: () => number, read: () => Promise<T>): () => Promise<T | undefined> {
  let last: Promise<T | undefined> = Promise.resolve(undefined);
  let readAt = -Infinity;
  return () => {
    if (now() - readAt < TTL_MS) return last;
    readAt = now();
    const before = last;
    // Kept as a promise: metrics that are collected together wait for one read.
    last = read().catch(() => before);
    return last;
  };
}
