/** Something that the search finds: where it leads, or what it does. */
export interface Target {
  readonly kind: 'page' | 'function' | 'node' | 'action';
  readonly label: string;
  readonly hint: string;
  readonly go: () => void;
}

const MOST = 12;

/** Targets that have every word of the query, best first: who begins with it, then the start of a word, then anywhere. */
export function found(targets: readonly Target[], query: string): readonly Target[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return targets
    .map((target) => ({ target, score: scoreOf(`${target.label} ${target.kind}`.toLowerCase(), words) }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0))
    .slice(0, MOST)
    .map(({ target }) => target);
}

function scoreOf(text: string, words: readonly string[]): number | null {
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === -1) return null;
    sum += at === 0 ? 0 : /[\s-]/.test(text[at - 1] ?? '') ? 1 : 2;
  }
  return sum;
}
