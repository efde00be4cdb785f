/**
 * The first signal that tells this process to stop.
 * @param again what a second one does: it ends the process at once, or the ending goes on undisturbed
 */
export function stopSignal(again: 'ends' | 'ignored' = 'ends'): Promise<NodeJS.Signals> {
  const listen = again === 'ends' ? ('once' as const) : ('on' as const);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process[listen](signal, resolve);
  });
}
