import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';

const FOLDERS = ['docs', 'bench/reports', 'deploy', 'examples'];

/** Text of every Markdown file that people read, by its path from the project's root. */
export function markdownFiles(): ReadonlyMap<string, string> {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(assetPath(folder), { recursive: true }).map((name) => path.join(folder, String(name))),
  );
  const files = ['README.md', ...names.filter((name) => name.endsWith('.md') && !name.includes('node_modules'))];
  return new Map(files.map((name) => [name, readFileSync(assetPath(name), 'utf8')]));
}

/** One fenced block: what stands after the fence, and what is in it. */
export interface FencedBlock {
  readonly info: string;
  readonly text: string;
}

const FENCED = /^( *)```([^\n]*)\n([\s\S]*?)^\1```$/gm;

export function fencedBlocks(markdown: string): readonly FencedBlock[] {
  return [...markdown.matchAll(FENCED)].map(([, , info = '', text = '']) => ({ info, text }));
}

/** Without fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(FENCED, '');
}
