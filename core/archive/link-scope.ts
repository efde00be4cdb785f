import { parentPath } from './entry-path';

/** The kernel follows no more links than this in one path; what would need more cannot be opened, so it is harmless. */
const MAX_FOLLOWED = 40;
/** Path parts looked at for one archive: far above what honest ones need, far below a second. */
const MAX_STEPS = 5_000_000;

/**
 * The first symbolic link that leads out of its tree, by itself or through other links; null when all stay inside.
 * `links` maps each link's path to its target as written. A tree too entangled to be checked counts as leaving.
 */
export function findEscapingLink(links: ReadonlyMap<string, string>): string | null {
  const budget = { steps: MAX_STEPS };
  for (const [path, target] of links) if (escapes(path, target, links, budget)) return path;
  return null;
}

function escapes(path: string, target: string, links: ReadonlyMap<string, string>, budget: { steps: number }): boolean {
  const at = parentPath(path).split('/').filter(Boolean);
  // A stack: the next part is its last.
  const parts: string[] = [];
  let followed = 0;
  let next: string | undefined = target;
  for (;;) {
    if (next !== undefined) {
      if (next.startsWith('/')) return true;
      parts.push(...next.split('/').reverse());
      next = undefined;
    }
    const part = parts.pop();
    if (part === undefined) return false;
    if ((budget.steps -= 1) < 0) return true;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.length === 0) return true;
      at.pop();
      continue;
    }
    next = links.get([...at, part].join('/'));
    if (next === undefined) at.push(part);
    else if ((followed += 1) > MAX_FOLLOWED) return false;
  }
}
