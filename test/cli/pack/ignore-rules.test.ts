import { parseIgnoreRules } from '../../../cli/pack/ignore-rules';

describe('ignore rules', () => {
  it.each([
    ['*.log', 'a.log', true],
    ['*.log', 'd/a.log', true],
    ['*.log', 'a.log.txt', false],
    ['/a.log', 'a.log', true],
    ['/a.log', 'd/a.log', false],
    ['d/*.js', 'd/a.js', true],
    ['d/*.js', 'd/e/a.js', false],
    ['d/**', 'd/e/a.js', true],
    ['d/**', 'd', false],
    ['**/e', 'd/c/e', true],
    ['**/e', 'e', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[ab].js', 'a.js', true],
    ['[!ab].js', 'a.js', false],
    ['[!ab].js', 'c.js', true],
    ['a.c', 'abc', false],
    ['(x)+', '(x)+', true],
    ['\\#kept', '#kept', true],
    ['# comment', '# comment', false],
    ['', 'a', false],
    ['trailing  ', 'trailing', true],
    ['*.js\n!keep.js', 'keep.js', false],
    ['*.js\n!keep.js', 'other.js', true],
    ['!keep.js\n*.js', 'keep.js', true],
  ])('%j and the file %j: left out %s', (rules, path, expected) => {
    expect(parseIgnoreRules(rules)(path, false)).toBe(expected);
  });

  it('a slash at the end means folders', () => {
    const rules = parseIgnoreRules('build/');
    expect([rules('build', true), rules('x/build', true), rules('build', false)]).toEqual([true, true, false]);
  });
});
