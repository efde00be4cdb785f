import { InvalidArgumentError, type Command } from 'commander';
import type { AliasResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';
import { countOption } from '../option-values';
import { showAge, showWeights } from '../quantities';

type Weights = AliasResource['weights'];

export function addAliases(program: Command, contextOf: ContextOf): void {
  const alias = program.command('alias').description('names that point at revisions, by weight');

  alias
    .command('list')
    .description('aliases of a function')
    .argument('<name>', 'the function')
    .action(async (name: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<AliasResource>(functionPath(name, '/aliases')),
        [
          ['ALIAS', (row) => row.name],
          ['REVISION', (row) => showWeights(row.weights)],
          ['GENERATION', (row) => row.generation],
          ['CHANGED', (row) => showAge(row.updatedAt, now)],
        ],
        `${name} has no aliases`,
      );
    });

  alias
    .command('set')
    .description('point an alias at revisions, e.g. presage alias set shop live 3=90 4=10')
    .argument('<name>', 'the function')
    .argument('<alias>', 'the alias, e.g. live or canary')
    .argument('<shares...>', 'REVISION, or REVISION=PERCENT several times', shareArgument)
    .option('--if-generation <generation>', 'only if nobody has changed it since this generation', countOption)
    .action(async (name: string, to: string, shares: Weights, options: { ifGeneration?: number }, command: Command) => {
      const { api, output } = contextOf(command);
      const [only] = shares;
      const weights = shares.length === 1 && only ? [{ ...only, weight: only.weight || 100 }] : shares;
      const { ifGeneration } = options;
      const set = await api.send<AliasResource>('PUT', functionPath(name, `/aliases/${encodeURIComponent(to)}`), {
        json: { weights },
        ...(ifGeneration === undefined ? {} : { headers: { 'if-match': `"${ifGeneration}"` } }),
      });
      await output.item(set, () => `${name}: ${to} points at revision ${showWeights(set.weights)}`);
    });

  alias
    .command('delete')
    .description('delete an alias other than live')
    .argument('<name>', 'the function')
    .argument('<alias>', 'the alias')
    .action(async (name: string, gone: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      await api.send('DELETE', functionPath(name, `/aliases/${encodeURIComponent(gone)}`));
      output.note(`${name}: ${gone} is deleted`);
    });
}

/** `3` or `3=90`; a weight of 0 stands for one that was not given. */
function shareArgument(text: string, before: Weights | undefined): Weights {
  const match = /^([1-9]\d*)(?:=(\d{1,3}))?%?$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write REVISION or REVISION=PERCENT, e.g. 3=90 4=10.');
  return [...(before ?? []), { revision: Number(match[1]), weight: Number(match[2] ?? 0) }];
}
