import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { markdownFiles, proseOf } from './markdown-files';

const files = markdownFiles();

/** Anchors that GitHub gives to the headings of a page. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = [...proseOf(markdown).matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) => {
      const slug = text
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-');
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
}

function brokenLinks([file, text]: [string, string]): string[] {
  const bare = proseOf(text).replaceAll(/`[^`\n]*`/g, '');
  return [...bare.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z][a-z+.-]*:/.test(link)) return [];
    const [target = '', anchor] = link.split('#');
    const at = target === '' ? file : path.normalize(path.join(path.dirname(file), target));
    if (!existsSync(assetPath(at))) return [`${file}: ${link} leads nowhere`];
    const there = files.get(at);
    if (anchor === undefined || there === undefined) return [];
    return anchorsOf(there).has(anchor) ? [] : [`${file}: ${at} has no heading #${anchor}`];
  });
}

test('every relative link and anchor leads somewhere', () => {
  expect(files.size).toBeGreaterThan(60);
  expect([...files].flatMap(brokenLinks)).toEqual([]);
});

test('anchors are those of GitHub', () => {
  expect([...anchorsOf('# A `b` & C, d\n## [Link](x.md): e_f\n## Link e\n## Link e')]).toEqual([
    'a-b--c-d',
    'link-e_f',
    'link-e',
    'link-e-1',
  ]);
});

test('every page of docs is reached from docs/README.md', () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file) || !files.has(file)) return;
    reached.add(file);
    for (const [, link = ''] of (files.get(file) ?? '').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      const at = path.normalize(path.join(path.dirname(file), link));
      visit(at);
      // A link to a folder is one to all pages in it.
      for (const name of files.keys()) if (path.dirname(name) === at.replace(/\/$/, '')) visit(name);
    }
  };
  visit('docs/README.md');
  expect([...files.keys()].filter((name) => name.startsWith('docs/') && !reached.has(name))).toEqual([]);
});

test('pages that messages of the platform name exist', () => {
  const named = ['core', 'cli', 'gateway', 'workers', 'drivers'].flatMap((folder) =>
    readdirSync(assetPath(folder), { recursive: true })
      .map((name) => path.join(folder, String(name)))
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(assetPath(name), 'utf8').match(/\bdocs\/[\w/-]+\.md\b/g) ?? []),
  );
  expect(named.length).toBeGreaterThan(5);
  expect([...new Set(named)].filter((page) => !existsSync(assetPath(page)))).toEqual([]);
});
