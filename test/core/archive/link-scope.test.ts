import fc from 'fast-check';
import { findEscapingLink } from '../../../core/archive/link-scope';

const links = (record: Record<string, string>): Map<string, string> => new Map(Object.entries(record));

describe('findEscapingLink', () => {
  it.each([
    [{ a: 'b' }],
    [{ 'd/a': '../b' }],
    [{ 'd/e/a': '../../b', b: 'd' }],
    [{ a: '.' }],
    [{ a: 'a' }],
    [{ a: 'b', b: 'a' }],
    [{ a: 'missing/x' }],
    [{ 'd/l': '..', x: 'd/l/d/l/d' }],
  ])('lets links stay: %j', (record) => {
    expect(findEscapingLink(links(record))).toBeNull();
  });

  it.each([
    [{ a: '/etc' }, 'a'],
    [{ a: '..' }, 'a'],
    [{ 'd/a': '../../b' }, 'd/a'],
    [{ 'd/l': '..', x: 'd/l/../y' }, 'x'],
    [{ 'x/y': '.', z: 'x/y/../..' }, 'z'],
  ])('finds the one that leaves: %j', (record, path) => {
    expect(findEscapingLink(links(record))).toBe(path);
  });

  it('agrees with a plain walk over the same tree', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const target = fc
      .array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    /** Follows one link recursively; null when it leaves, undefined when it goes round. */
    const walk = (
      at: string[],
      parts: string[],
      tree: Map<string, string>,
      depth: number,
    ): string[] | null | undefined => {
      const here = [...at];
      for (const [index, part] of parts.entries()) {
        if (part === '.') continue;
        if (part === '..') {
          if (here.length === 0) return null;
          here.pop();
          continue;
        }
        const link = tree.get([...here, part].join('/'));
        if (link === undefined) here.push(part);
        else if (depth === 0) return undefined;
        else return walk(here, [...link.split('/'), ...parts.slice(index + 1)], tree, depth - 1);
      }
      return here;
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(path, target), { maxLength: 6 }), (list) => {
        const tree = new Map(list);
        const leaves = [...tree].some(
          ([from, to]) => walk(from.split('/').slice(0, -1), to.split('/'), tree, 40) === null,
        );
        expect(findEscapingLink(tree) !== null).toBe(leaves);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a knot that would take for ever to untie, soon', () => {
    const knot = new Map<string, string>();
    for (let index = 0; index < 20_000; index += 1)
      knot.set(`l${index}`, `${'a/../'.repeat(150)}l${(index + 1) % 20_000}`);
    const started = Date.now();
    expect(findEscapingLink(knot)).not.toBeNull();
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});
