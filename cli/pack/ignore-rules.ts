/** Says whether a path (relative, with `/`) is left out. A folder that is left out is not entered. */
export type IgnoreRules = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly matches: RegExp;
  readonly keeps: boolean;
  readonly foldersOnly: boolean;
}

/**
 * Rules as in a .gitignore: one pattern a line, `#` comments, `!` takes back, `/` at the start ties to the folder's top, at
 * the end means folders, `*` and `?` stay within a name, `**` crosses folders, `[a-z]` is one of. The last match counts.
 */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?<!\\)\s+$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseRule);
  return (path, isFolder) => {
    const last = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && rule.matches.test(path));
    return last !== undefined && !last.keeps;
  };
}

function parseRule(line: string): Rule {
  const keeps = line.startsWith('!');
  let pattern = keeps ? line.slice(1) : line;
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  // A slash before the end ties the pattern to the top; without one it holds at any depth.
  const tied = pattern.includes('/');
  pattern = pattern.replace(/^\//, '');
  return { matches: new RegExp(`^${tied ? '' : '(?:.*/)?'}${toRegExp(pattern)}$`, 's'), keeps, foldersOnly };
}

function toRegExp(pattern: string): string {
  const token = /\/\*\*\/|\*\*\/|\/\*\*|\*+|\?|\[(?:!|\^)?\]?[^\]]*\]|\\.|[^]/gs;
  return pattern.replace(token, (part) => {
    if (part === '/**/') return '/(?:.*/)?';
    if (part === '**/') return '(?:.*/)?';
    if (part === '/**') return '/.*';
    if (/^\*+$/.test(part)) return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 2 && part.startsWith('[')) return part.replace(/^\[[!^]/, '[^').replace(/\\/g, '\\\\');
    return (part.length === 2 && part.startsWith('\\') ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  });
}
