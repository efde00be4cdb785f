import { toPlatformError } from '../core/error/platform-error';
import type { ProblemAnswer } from './api-client';
import { failureOf } from './exit-status';
import { colourOf, type Terminal } from './terminal';

/** Tells a failure on stderr: what happened, each problem with its place, what to do, and where to ask further. */
export function showError(terminal: Terminal, thrown: unknown, corrected?: string): void {
  const colour = colourOf(terminal.stderr, terminal.env);
  const error = toPlatformError(thrown);
  // The detail of many problems repeats them all in one line; they are listed here instead.
  const [headline] = error.problems.length > 0 ? error.message.split(/:\s/, 1) : [error.message];
  const lines = [`${colour('red', 'Error')} (${error.code}): ${headline}`];
  for (const problem of error.problems) {
    lines.push(`  ${colour('yellow', problem.path)}: ${problem.message}`);
    if (problem.hint) lines.push(`    ${problem.hint}`);
  }
  const next = error.hint ?? (error.problems.length === 0 ? failureOf(error.code).next : undefined);
  if (next) lines.push(next);
  if (corrected) lines.push(`Did you mean: ${colour('bold', corrected)}`);
  const { requestId } = (error.cause ?? {}) as ProblemAnswer;
  if (requestId) lines.push(colour('dim', `request ${requestId}`));
  terminal.stderr.write(`${lines.join('\n')}\n`);
}

/** The name nearest to `wrong`, when it is near enough to be meant. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.floor(wrong.length / 3));
  const [best] = names
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
