import type { Components, Kill } from '../harness/components';

/** A kill during a replay, and what its callers saw of it. */
export interface ReplayKill extends Kill {
  /** Milliseconds after the first request. */
  readonly at: number;
}

/** A component that is not back within this has not healed by itself. */
const PATIENCE_MS = 60_000;

/** Kills the named components in turn, one each `everyMs`, until told to stop; a kill under way is waited for. */
export function killInTurn(
  components: Pick<Components, 'kill'>,
  names: readonly string[],
  everyMs: number,
): { stop(): Promise<readonly ReplayKill[]> } {
  const kills: ReplayKill[] = [];
  const begun = performance.now();
  let stopped = false;
  let wake: () => void = () => undefined;
  const work = (async () => {
    for (let turn = 0; ; turn++) {
      const wait = begun + (turn + 1) * everyMs - performance.now();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, wait));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      const name = names[turn % names.length];
      if (stopped || name === undefined) return;
      const at = performance.now() - begun;
      kills.push({ at, ...(await components.kill(name, PATIENCE_MS)) });
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      wake();
      await work;
      return kills;
    },
  };
}

/** One line for each kill: how long it was away, and the errors from then until the next one. */
export function killLines(kills: readonly ReplayKill[], failedAt: readonly number[]): string[] {
  const lines = ['killed                at      back after   errors until the next'];
  kills.forEach(({ component, at, healedMs }, index) => {
    const until = kills[index + 1]?.at ?? Infinity;
    const errors = failedAt.filter((moment) => moment >= at && moment < until).length;
    const healed = healedMs === null ? 'not at all' : `${healedMs.toFixed(0)} ms`;
    lines.push(`${component.padEnd(16)}${`${(at / 1000).toFixed(1)} s`.padStart(8)}${healed.padStart(16)}   ${errors}`);
  });
  return lines;
}
