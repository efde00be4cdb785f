import { Argument } from 'commander';
import type { CommandContext, ContextOf } from '../command-context';
import { complete, type Suggestion } from '../completion/complete';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts';
import type { Verb } from '../verb';

/** Lists whose items have the names that a placeholder stands for. */
const LISTS: Readonly<Record<string, string>> = {
  function: '/v1/functions',
  node: '/v1/nodes',
  budget: '/v1/budgets',
  secret: '/v1/secrets',
  tenant: '/v1/tenants',
};

/** Who types waits no longer for a platform, milliseconds. */
const DEADLINE_MS = 700;

export function addCompletion(program: Verb, contextOf: ContextOf): void {
  program
    .command('completion')
    .description('print a script that completes verbs, options and names of functions in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .example('presage completion bash > /etc/bash_completion.d/presage')
    .action(async (shell: Shell, _options: object, command: Verb) => {
      contextOf(command).terminal.stdout.write(SCRIPTS[shell]);
    });
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[], _options: object, command: Verb) => {
      const context = contextOf(command);
      const { words: known, kind } = complete(program, words);
      const named = kind === null ? [] : await namesOf(context, kind, words.at(-1) ?? '');
      for (const { word, meaning } of [...known, ...named]) context.terminal.stdout.write(`${word}\t${meaning}\n`);
    });
}

/** Names that the platform knows; none where it does not answer in time, or not this caller. */
async function namesOf(context: CommandContext, kind: string, begun: string): Promise<readonly Suggestion[]> {
  const path = LISTS[kind];
  if (path === undefined) return [];
  try {
    const query = { limit: 1000 };
    const request = { query, signal: AbortSignal.timeout(DEADLINE_MS) };
    const { items } = await context.api.send<{ items: readonly { name: string }[] }>('GET', path, request);
    return items.filter(({ name }) => name.startsWith(begun)).map(({ name }) => ({ word: name, meaning: kind }));
  } catch {
    return [];
  }
}
