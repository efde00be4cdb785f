import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { assetPath } from '../../../drivers/asset-path';

/** Functions of console/src/lib that call the API, and at which place their method and path are. */
const CALLERS: Readonly<Record<string, { readonly method: number | null; readonly path: number }>> = {
  get: { method: null, path: 0 },
  useQuery: { method: null, path: 0 },
  send: { method: 0, path: 1 },
  open: { method: 0, path: 1 },
};
/** What is not known before the console runs. */
const ANY = '{}';
const METHODS = /^(GET|PUT|POST|DELETE|PATCH)$/;

export interface ConsoleCalls {
  /** Is there a console in the tree? */
  readonly present: boolean;
  /** Operations of the document that it calls. */
  readonly calls: ReadonlySet<string>;
  /** Calls that are no operation, and writes whose path cannot be read from the source: FILE:LINE, what is there. */
  readonly unread: readonly string[];
}

/** Which operations the sources of the console call. */
export function consoleCalls(operations: readonly string[], folder = assetPath('console/src')): ConsoleCalls {
  const calls = new Set<string>();
  const unread: string[] = [];
  if (!existsSync(folder)) return { present: false, calls, unread };
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) =>
      ts.createSourceFile(file, readFileSync(path.join(folder, file), 'utf8'), ts.ScriptTarget.ES2022, true),
    );
  const shared = new Map(files.flatMap((file) => [...namesOf(file)]));
  for (const file of files) {
    // How calls are made; what is called stands elsewhere.
    if (/^lib[/\\](api|live|use-query)\./.test(file.fileName)) continue;
    const names = new Map([...shared, ...namesOf(file)]);
    const note = (node: ts.Node, methods: readonly string[], paths: readonly string[]): void => {
      for (const method of methods) {
        for (const at of paths) {
          const found = at.startsWith('/') ? operationsAt(operations, method, at) : [];
          for (const operation of found) calls.add(operation);
          const { line } = file.getLineAndCharacterOfPosition(node.getStart());
          // A path that is handed in is read where it is written down, and writes must be written down where they are made.
          if (found.length === 0 && (at.startsWith('/v1/') || method !== 'GET'))
            unread.push(`${file.fileName}:${line + 1} ${method} ${at}`);
        }
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const caller = CALLERS[node.expression.text];
        const at = caller && node.arguments[caller.path];
        if (caller && at) {
          const method = caller.method === null ? undefined : node.arguments[caller.method];
          note(
            node,
            method ? textsOf(method, names) : ['GET'],
            textsOf(at, names).filter((text) => text !== ''),
          );
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { present: true, calls, unread };
}

/** Operations that answer a method at a path of which some parts are not known; a word of the API goes before a placeholder. */
function operationsAt(operations: readonly string[], method: string, at: string): readonly string[] {
  const [bare = ''] = at.split('?');
  const parts = bare.split('/').map((part) => new RegExp(`^${part.split(ANY).map(escaped).join('.*')}$`));
  const found = operations.filter((operation) => {
    const [own = '', template = ''] = operation.split(' ');
    const words = template.split('/');
    const answers = (word: string, index: number): boolean => /^\{/.test(word) || parts[index]?.test(word) === true;
    return (!METHODS.test(method) || own === method) && words.length === parts.length && words.every(answers);
  });
  const exact = found.filter((operation) => operation.split('/').slice(1).every((word, index) => !/^\{/.test(word) || bare.split('/')[index + 1]?.includes(ANY))); // prettier-ignore
  return exact.length > 0 ? exact : found;
}

function escaped(text: string): string {
  return text.replace(/[.*+^$()|[\]\\]/g, '\\$&');
}

type Names = ReadonlyMap<string, ts.Expression>;

/** What the constants of a file are, and what its functions of one expression give. */
function namesOf(file: ts.SourceFile): Names {
  const names = new Map<string, ts.Expression>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      names.set(node.name.text, node.initializer);
    if (ts.isFunctionDeclaration(node) && node.name && node.body) {
      const [only, ...others] = node.body.statements.filter(ts.isReturnStatement);
      if (only?.expression && others.length === 0) names.set(node.name.text, only.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** Every text that an expression may be, with ANY for what is not known; none for null and undefined. */
function textsOf(node: ts.Expression, names: Names, depth = 0): string[] {
  const again = (inner: ts.Expression): string[] => textsOf(inner, names, depth + 1);
  if (depth > 8) return [ANY];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (node.kind === ts.SyntaxKind.NullKeyword) return [];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return again(node.expression);
  if (ts.isConditionalExpression(node)) return [...again(node.whenTrue), ...again(node.whenFalse)];
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce(
      (heads, span) => heads.flatMap((head) => again(span.expression).map((text) => head + text + span.literal.text)),
      [node.head.text],
    );
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return again(node.left).flatMap((left) => again(node.right).map((right) => left + right));
  }
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return again(node.body);
  const name = ts.isIdentifier(node)
    ? node
    : ts.isCallExpression(node) && ts.isIdentifier(node.expression)
      ? node.expression
      : undefined;
  const known = name && names.get(name.text);
  return known ? again(known) : [ANY];
}
