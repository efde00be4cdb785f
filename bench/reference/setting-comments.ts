import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { assetPath } from '../../drivers/asset-path';

/** Files in which sections of the configuration are described, and where each begins; the first is the whole. */
const FILES: readonly (readonly [file: string, prefix: string])[] = [
  ['workers/config.ts', ''],
  ['workers/redis-settings.ts', 'redis'],
  ['workers/temporal-settings.ts', 'temporal'],
  ['workers/kubernetes-settings.ts', 'kubernetes'],
  ['workers/node-settings.ts', 'nodes[]'],
  ['workers/object-settings.ts', 'objects'],
  ['workers/tracing-settings.ts', 'tracing'],
  ['gateway/auth/oidc/issuer-settings.ts', 'auth.issuers[]'],
  ['core/network/network-settings.ts', 'network'],
  ['core/warming/warming-settings.ts', 'warming'],
  ['core/plan/placement-settings.ts', 'placement'],
  ['core/cost/cost-settings.ts', 'cost'],
  ['core/budget/budget-settings.ts', 'budgets'],
];

/** What the comments in the schemas say of settings, by their path. */
export function settingComments(): ReadonlyMap<string, string> {
  return new Map(FILES.flatMap(([file, prefix]) => commentsOf(file, prefix)));
}

function commentsOf(file: string, prefix: string): [string, string][] {
  const source = ts.createSourceFile(file, readFileSync(assetPath(file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: [string, string][] = [];
  const visit = (node: ts.Node, path: readonly string[]): void => {
    let inner = path;
    if (ts.isPropertyAssignment(node)) {
      inner = [...path, node.name.getText(source)];
      const text = ts.getJSDocCommentsAndTags(node).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '');
      if (text.length > 0)
        found.push([[prefix, ...inner].filter(Boolean).join('.'), text.join(' ').replaceAll(/\s+/g, ' ')]);
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, []);
  return found;
}
