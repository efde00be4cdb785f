import { InvalidArgumentError } from 'commander';
import { isPlatformError, PlatformError, type Problem } from '../../core/error/platform-error';
import type { AliasResource, RevisionResource } from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { countOption } from '../option-values';
import { showAge, showWeights } from '../quantities';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

type Weights = AliasResource['weights'];

interface SetOptions {
  readonly ifGeneration?: number;
  readonly dryRun?: boolean;
}

export function addAliases(program: Verb, contextOf: ContextOf): void {
  const alias = program.command('alias').alias('aliases').description('names that point at revisions, by weight');

  listVerb<AliasResource>(
    alias
      .command('list')
      .alias('ls')
      .description('aliases of a function')
      .argument('<function>', 'the function')
      .example('presage alias list hello'),
    contextOf,
    'GET /v1/functions/{name}/aliases',
    {
      columns: [
        ['ALIAS', (row) => row.name],
        ['REVISION', (row) => showWeights(row.weights)],
        ['GENERATION', (row) => row.generation],
        ['CHANGED', (row) => showAge(row.updatedAt)],
      ],
      none: (name) => `${name} has no aliases`,
    },
  );

  alias
    .command('show')
    .description('where one alias points')
    .argument('<function>', 'the function')
    .argument('<alias>', 'the alias, e.g. live or canary')
    .calls('GET /v1/functions/{name}/aliases/{alias}')
    .example('presage alias show hello live')
    .action(async (name: string, which: string, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<AliasResource>(aliasPath(name, which));
      await output.item(found, () => `${name}: ${which} points at revision ${showWeights(found.weights)}`);
    });

  alias
    .command('set')
    .description('point an alias at revisions; with several, traffic is shared by their weights')
    .argument('<function>', 'the function')
    .argument('<alias>', 'the alias, e.g. live or canary')
    .argument('<shares...>', 'REVISION, or REVISION=PERCENT several times', shareArgument)
    .option('--if-generation <generation>', 'only if nobody has changed it since this generation', countOption)
    .option('--dry-run', 'check it and tell what would change, and change nothing')
    .calls(
      'PUT /v1/functions/{name}/aliases/{alias}',
      'GET /v1/functions/{name}/aliases/{alias}',
      'GET /v1/functions/{name}/revisions',
    )
    .example('presage alias set hello live 1=90 2=10', 'presage alias set hello canary 1 --dry-run')
    .action(async (name: string, to: string, shares: Weights, options: SetOptions, command: Verb) => {
      const context = contextOf(command);
      const { api, output } = context;
      const [only] = shares;
      const weights = shares.length === 1 && only ? [{ ...only, weight: only.weight || 100 }] : shares;
      const { ifGeneration, dryRun } = options;
      if (dryRun) return wouldPoint(context, name, to, weights);
      const set = await api.send<AliasResource>('PUT', aliasPath(name, to), {
        json: { weights },
        ...(ifGeneration === undefined ? {} : { headers: { 'if-match': `"${ifGeneration}"` } }),
      });
      await output.item(set, () => `${name}: ${to} points at revision ${showWeights(set.weights)}`);
    });

  removeVerb(
    alias
      .command('delete')
      .alias('rm')
      .description('delete an alias other than live')
      .argument('<function>', 'the function')
      .argument('<alias>', 'the alias')
      .example('presage alias delete hello canary'),
    contextOf,
    'DELETE /v1/functions/{name}/aliases/{alias}',
    { told: (name, gone) => `${name}: ${gone} is deleted` },
  );
}

function aliasPath(name: string, alias: string): string {
  return functionPath(name, `/aliases/${encodeURIComponent(alias)}`);
}

/** @throws PlatformError invalid_argument with every reason why it cannot point there */
async function wouldPoint({ api, output }: CommandContext, name: string, to: string, after: Weights): Promise<void> {
  const [before, revisions] = await Promise.all([
    api.get<AliasResource>(aliasPath(name, to)).catch((error: unknown) => {
      if (isPlatformError(error) && error.code === 'not_found') return null;
      throw error;
    }),
    api.list<RevisionResource>(functionPath(name, '/revisions')),
  ]);
  const problems: Problem[] = [];
  const sum = after.reduce((all, { weight }) => all + weight, 0);
  if (sum !== 100) problems.push({ path: 'shares', message: `come to ${sum} %, and must come to 100 %` });
  for (const { revision } of after) {
    const state = revisions.find(({ number }) => number === revision)?.state;
    if (state === undefined) problems.push({ path: `revision ${revision}`, message: `${name} has no such revision` });
    else if (state !== 'ready') problems.push({ path: `revision ${revision}`, message: `is ${state}, not ready` });
  }
  if (problems.length > 0) {
    const hint = `presage revision list ${name} shows its revisions and their states.`;
    throw new PlatformError('invalid_argument', `${to} cannot point there`, { problems, hint });
  }
  const from = before === null ? 'does not exist yet' : `points at revision ${showWeights(before.weights)}`;
  await output.dryRun(
    { alias: to, before: before?.weights ?? null, after },
    `${name}: ${to} ${from}; it would point at revision ${showWeights(after)}`,
  );
}

/** `3` or `3=90`; a weight of 0 stands for one that was not given. */
function shareArgument(text: string, before: Weights | undefined): Weights {
  const match = /^([1-9]\d*)(?:=(\d{1,3}))?%?$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write REVISION or REVISION=PERCENT, e.g. 3=90 4=10.');
  return [...(before ?? []), { revision: Number(match[1]), weight: Number(match[2] ?? 0) }];
}
