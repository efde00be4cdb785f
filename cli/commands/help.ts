import type { Command } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import type { ContextOf } from '../command-context';
import { helpText } from '../reference/help-text';
import { nearestName } from '../show-error';
import { nameOf, type Verb } from '../verb';

export function addHelp(program: Verb, contextOf: ContextOf): void {
  program
    .command('help')
    .description('the manual of a verb, or what verbs there are')
    .argument('[verb...]', 'the verb, e.g. budget set')
    .example('presage help', 'presage help budget set')
    .action(async (words: string[], _options: object, command: Verb) => {
      const { terminal } = contextOf(command);
      terminal.stdout.write(helpText(find(program, words), true));
    });
}

/** @throws PlatformError not_found with what there is */
function find(program: Verb, words: readonly string[]): Verb {
  let at: Command = program;
  for (const word of words) {
    const next = at.commands.find((child) => child.name() === word || child.aliases().includes(word));
    if (!next) {
      const names = at.commands.map((child) => child.name()).filter((name) => !name.startsWith('_'));
      const near = nearestName(word, names);
      throw new PlatformError('not_found', `There is no verb ${[nameOf(at), word].join(' ').trim()}`, {
        hint:
          near === undefined
            ? `There are: ${names.join(', ')}`
            : `Did you mean ${[nameOf(at), near].join(' ').trim()}?`,
      });
    }
    at = next;
  }
  return at as Verb;
}
