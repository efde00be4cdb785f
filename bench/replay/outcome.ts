import { START_CAUSES, START_KINDS } from '../../core/start/start';
import { quantile } from '../harness/statistics';

/** One request of the replay, as its client saw it. */
export interface Outcome {
  readonly function: string;
  /** When its answer was complete, or had failed: milliseconds after the first request. */
  readonly at: number;
  readonly status: number;
  readonly kind: string | null;
  readonly cause: string | null;
  readonly firstByteMs: number;
  /** How long the function itself was to take. */
  readonly executeMs: number;
  /** Code of the problem, or of the connection's failure. */
  readonly error: string | null;
}

/** Shares and latencies of each start kind and cause, and the errors, as lines for a terminal. */
export function outcomeLines(outcomes: readonly Outcome[]): string[] {
  const total = outcomes.length;
  const lines = [
    'start     share     requests   added p50    added p99',
    '-----------------------------------------------------',
  ];
  const started = outcomes.filter((outcome) => outcome.kind !== null);
  for (const kind of START_KINDS) {
    const own = started.filter((outcome) => outcome.kind === kind);
    const added = own.map((outcome) => Math.max(0, outcome.firstByteMs - outcome.executeMs));
    const times =
      own.length === 0
        ? ['-', '-']
        : [quantile(added, 0.5), quantile(added, 0.99)].map((value) => `${value.toFixed(1)} ms`);
    lines.push(
      `${kind.padEnd(10)}${share(own.length, started.length)}  ${String(own.length).padStart(9)}   ${times.map((text) => text.padStart(10)).join('   ')}`,
    );
  }
  lines.push('', 'cause of what was not hot');
  const notHot = started.filter((outcome) => outcome.kind !== 'hot');
  for (const cause of START_CAUSES) {
    const own = notHot.filter((outcome) => outcome.cause === cause);
    if (own.length > 0) lines.push(`${cause.padEnd(16)}${share(own.length, notHot.length)}  ${own.length}`);
  }
  const without = notHot.filter((outcome) => outcome.cause === null).length;
  if (without > 0) lines.push(`(none given)    ${share(without, notHot.length)}  ${without}`);
  const failed = outcomes.filter((outcome) => outcome.error !== null);
  lines.push('', `errors: ${failed.length} of ${total} requests`);
  for (const code of new Set(failed.map((outcome) => outcome.error))) {
    lines.push(`  ${code}: ${failed.filter((outcome) => outcome.error === code).length}`);
  }
  return lines;
}

function share(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(2).padStart(6)} %`;
}
