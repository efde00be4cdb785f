const AGAIN_MS = 25;

/**
 * Asks for one thing of each sort, over and over, on connections of its own: an answer of a function, something that is
 * in the database, and the acceptance of work that nobody waits for.
 */
export function serviceProbe(
  platform: { readonly url: string; readonly apiKey: string },
  name: string,
): (patienceMs: number) => Promise<boolean> {
  const sorts: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
    [`/fn/default/${name}/plain?ms=1`, {}, 200],
    [`/v1/functions/${name}`, {}, 200],
    [`/fn/default/${name}/work?key=probe&ms=1`, { prefer: 'respond-async' }, 202],
  ];
  return async (patienceMs) => {
    const deadline = performance.now() + patienceMs;
    const answered = await Promise.all(
      sorts.map(async ([path, headers, status]) => {
        while (performance.now() < deadline) {
          const signal = AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now())));
          const answer = await fetch(platform.url + path, {
            headers: { ...headers, authorization: `Bearer ${platform.apiKey}` },
            signal,
          }).catch(() => null);
          await answer?.arrayBuffer().catch(() => undefined);
          if (answer?.status === status) return true;
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
        return false;
      }),
    );
    return answered.every(Boolean);
  };
}
