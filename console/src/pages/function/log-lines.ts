import type { LogView } from '../../lib/answers';

const KEPT_LINES = 2_000;

/** The lines with more of them, each once, the newest 2,000, in their order. */
export function withLines(lines: readonly LogView[], more: readonly LogView[]): readonly LogView[] {
  const seen = new Set(lines.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !seen.has(id));
  if (fresh.length === 0) return lines;
  return [...lines, ...fresh].slice(-KEPT_LINES);
}

/** Those of an invocation, and those that hold a text; empty text: all. */
export function shownLines(lines: readonly LogView[], filter: { invocation: string; text: string }): LogView[] {
  const [invocation, text] = [filter.invocation.trim(), filter.text.trim().toLowerCase()];
  return lines.filter(
    (line) =>
      (invocation === '' || (line.invocation ?? '').startsWith(invocation)) &&
      (text === '' || line.text.toLowerCase().includes(text)),
  );
}
