import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Problem } from '../../../../core/error/platform-error';

/** A manifest as a person types it. */
export interface ManifestText {
  /** What it says; null where it cannot be read. */
  readonly manifest: unknown;
  /** Its `metadata.name`; empty where it has none. */
  readonly name: string;
  /** Why it cannot be read. */
  readonly problems: readonly PlacedProblem[];
  /** The line (from 1) that a dotted path stands in, or the nearest that is there above it. */
  readonly lineOf: (path: string) => number;
}
/** A problem, and the line of the text that it is about. */
export interface PlacedProblem extends Problem {
  readonly line: number;
}

export function readManifest(text: string): ManifestText {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const lineOf = (path: string): number => lineAt(document, counter, path);
  const problems = document.errors.map(({ message, pos }) => ({
    path: 'function.yaml',
    message: message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message,
    hint: 'two spaces for each step inwards; a colon and a space after each name',
    line: counter.linePos(pos[0]).line,
  }));
  if (problems.length > 0) return { manifest: null, name: '', problems, lineOf };
  const manifest: unknown = document.toJS();
  const name: unknown = document.getIn(['metadata', 'name']);
  return { manifest, name: typeof name === 'string' ? name : '', problems: [], lineOf };
}

/** What the platform found wrong, each with its line, from the top. */
export function placed(problems: readonly Problem[], text: ManifestText): PlacedProblem[] {
  return problems.map((problem) => ({ ...problem, line: text.lineOf(problem.path) })).sort((a, b) => a.line - b.line);
}

function lineAt(document: Document, counter: LineCounter, path: string): number {
  let node: unknown = document.contents;
  let line = 1;
  for (const step of path.split('.')) {
    const found = below(node, step);
    if (!found) break;
    const start = found.at.range?.[0];
    if (start !== undefined) line = counter.linePos(start).line;
    node = found.node;
  }
  return line;
}

/** What a step of a path leads to, and the node whose place is shown for it: a name, or an item itself. */
function below(node: unknown, step: string): { readonly at: Node; readonly node: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    return pair && isNode(pair.key) ? { at: pair.key, node: pair.value } : null;
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return isNode(item) ? { at: item, node: item } : null;
}
