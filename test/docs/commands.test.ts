import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CommanderError, type Command } from 'commander';
import { paperProgram } from '../../cli/reference/paper-program';
import { assetPath } from '../../drivers/asset-path';
import { parseFlags } from '../../workers/all/flags';
import { fencedBlocks, markdownFiles, proseOf } from './markdown-files';
import { shellCommands } from './shell-words';

const SHELLS = /^(sh|bash|console)\b/;

/** A program that understands everything and does nothing. */
function idleProgram(): Command {
  const program = paperProgram();
  const idle = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(idle);
  };
  idle(program);
  return program;
}

/** What a verb lacks that is only named in the running text. */
const LACKING = /^error: (missing required argument|required option) .*$/;

/** Why a command line is none of ours; null: it is. @param named only named, so that arguments may lack */
async function problemOf([program, ...words]: readonly string[], named = false): Promise<string | null> {
  try {
    if (program === 'npm' && words[0] === 'start') parseFlags(words.slice(words[1] === '--' ? 2 : 1));
    if (program === 'presage') await idleProgram().parseAsync([...words], { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || (named && error.code === 'commander.help')))
      return null;
    const problems = (error as Error).message.split('\n').filter((line) => !named || !LACKING.test(line));
    return problems.length === 0 ? null : problems.join('\n');
  }
}

/** `presage …` and `npm start …` of a page, in blocks of shell and in the running text. */
function commandsOf(markdown: string): readonly { readonly words: readonly string[]; readonly named: boolean }[] {
  const blocks = fencedBlocks(markdown).filter(({ info }) => SHELLS.test(info));
  const inline = [...proseOf(markdown).matchAll(/`(presage [a-z][^`]*|npm start -- [^`]+)`/g)].map(([, text = '']) =>
    text.replaceAll('\\|', '|'),
  );
  return [
    ...blocks.map(({ text }) => ({ text, named: false })),
    ...inline.filter((text) => !/…|\.\.\./.test(text)).map((text) => ({ text, named: true })),
  ]
    .flatMap(({ text, named }) => shellCommands(text).map((words) => ({ named, words: ours(words) })))
    .filter(({ words: [program] }) => program === 'presage' || program === 'npm');
}

function ours(words: readonly string[]): readonly string[] {
  return words[0] === 'node' && words[1] === 'bin/presage.js' ? ['presage', ...words.slice(2)] : words;
}

const pages = [...markdownFiles()].map(([file, text]) => ({ file, commands: commandsOf(text) }));

test('there are commands to try', () => {
  expect(pages.reduce((sum, { commands }) => sum + commands.length, 0)).toBeGreaterThan(120);
});

test.each(pages.filter(({ commands }) => commands.length > 0))(
  '$file names verbs and flags that exist',
  async ({ commands }) => {
    const problems = await Promise.all(
      commands.map(async ({ words, named }) => ({ line: words.join(' '), problem: await problemOf(words, named) })),
    );
    expect(problems.filter(({ problem }) => problem !== null)).toEqual([]);
  },
);

test('what the doctor says to do can be done', async () => {
  const folder = assetPath('core/doctor');
  const texts = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const commands = texts.flatMap((text) => text.match(/\bpresage [a-z][^'`;.,(]*/g) ?? []).flatMap(shellCommands);
  expect(commands.length).toBeGreaterThan(8);
  const problems = await Promise.all(commands.map(async (words) => [words.join(' '), await problemOf(words)]));
  expect(problems.filter(([, problem]) => problem !== null)).toEqual([]);
});

test('a verb or flag that does not exist is noticed', async () => {
  expect(await problemOf(['presage', 'deploi'])).toMatch(/unknown command/);
  expect(await problemOf(['presage', 'warmth', 'x', '--hystory', '1'])).toMatch(/unknown option/);
  expect(await problemOf(['presage', 'migrate', 'x'])).toMatch(/required option/);
  expect(await problemOf(['npm', 'start', '--', '--nods', 'a'])).toMatch(/nods/);
  expect(await problemOf(['presage', '-o', 'json', 'migrate', 'x', '--to', 'y'])).toBeNull();
});
