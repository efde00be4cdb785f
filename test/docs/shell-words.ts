/** A shell line as simple commands of words; quotes are taken off, comments left out, redirections and assignments too. */
export function shellCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  for (const line of text.replaceAll(/\\\n\s*/g, ' ').split('\n')) {
    for (const part of wordsOf(line)) commands.push(part);
  }
  return commands.filter((words) => words.length > 0);
}

function wordsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  const tokens = line.matchAll(
    /(?<space>\s+)|(?<end>\|\||&&|[|;&])|(?<word>(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s|;&"'$]|\$)+)/g,
  );
  for (const { groups = {} } of tokens) {
    const { end, word } = groups;
    if (end !== undefined) commands.push([]);
    if (word === undefined) continue;
    if (word.startsWith('#')) break;
    commands.at(-1)?.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ''));
  }
  return commands.map((words) => {
    const first = words.findIndex((word) => !/^([A-Za-z_]+=.*|until|while|if|then|do|!)$/.test(word));
    const redirected = words.findIndex((word) => /^\d?[<>]/.test(word));
    return words.slice(first < 0 ? words.length : first, redirected < 0 ? undefined : redirected);
  });
}
