/** Each second on a terminal, which overwrites the line; elsewhere each is a line of its own. */
const CLOCK_MS = process.stdout.isTTY ? 1_000 : 20_000;

/** Shows that a long build goes on. */
export interface BuildClock {
  /** Takes what the go command says. */
  readonly line: (text: string) => void;
  readonly stop: () => void;
}

/**
 * A build is silent for long stretches, so the elapsed time is shown with the last thing it said.
 * @param usual how long it takes, in words
 */
export function startBuildClock(usual: string, progress: (line: string) => void): BuildClock {
  const begin = performance.now();
  let count = 0;
  let last = 'starting';
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    progress(`building from source, ${seconds} s (usually ${usual}), ${count} packages, ${last}`);
  }, CLOCK_MS);
  return {
    line: (text) => {
      if (!text.startsWith('go: ')) count += 1;
      last = text.slice(0, 80);
    },
    stop: () => clearInterval(timer),
  };
}
