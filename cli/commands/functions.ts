import type {
  AliasResource,
  CheckpointResource,
  FunctionDetail,
  FunctionResource,
  InstanceResource,
  MinuteCountResource,
  RevisionResource,
} from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { countOption } from '../option-values';
import { showAge, showBytes, showWeights } from '../quantities';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

/** list, describe, rollback and delete. */
export function addFunctions(program: Verb, contextOf: ContextOf): void {
  listVerb<FunctionResource>(
    program.command('list').alias('ls').description('functions of the tenant').example('presage list -o json'),
    contextOf,
    'GET /v1/functions',
    {
      columns: [
        ['NAME', (fn) => fn.name],
        ['PATH', (fn) => fn.path],
        ['LABELS', (fn) => Object.entries(fn.labels).map(([key, value]) => `${key}=${value}`).join(',') || '-'], // prettier-ignore
        ['AGE', (fn) => showAge(fn.createdAt)],
      ],
      none: 'There are no functions yet. Begin with: presage init hello && presage deploy hello',
    },
  );

  program
    .command('describe')
    .description('a function: aliases, newest revision, instances, checkpoints, the last hour')
    .argument('<function>', 'the function')
    .calls('GET /v1/functions/{name}', 'GET /v1/instances', 'GET /v1/checkpoints', 'GET /v1/functions/{name}/counts')
    .example('presage describe hello')
    .action(async (name: string, _options: object, command: Verb) => describeFunction(contextOf(command), name));

  program
    .command('rollback')
    .description('point live at the ready revision before, or at a named one')
    .argument('<function>', 'the function')
    .option('--to <revision>', 'the revision to go back to', countOption)
    .calls('POST /v1/functions/{name}/rollback')
    .example('presage rollback hello', 'presage rollback hello --to 1')
    .action(async (name: string, options: { to?: number }, command: Verb) => {
      const { api, output } = contextOf(command);
      const json = options.to === undefined ? {} : { to: options.to };
      const alias = await api.send<AliasResource>('POST', functionPath(name, '/rollback'), { json });
      await output.item(alias, () => `${name}: live points at revision ${showWeights(alias.weights)}`);
    });

  removeVerb(
    program
      .command('delete')
      .alias('rm')
      .description('delete a function; its name is free at once')
      .argument('<function>', 'the function')
      .calls(
        'GET /v1/functions/{name}',
        'GET /v1/functions/{name}/revisions',
        'GET /v1/instances',
        'GET /v1/checkpoints',
      )
      .example('presage delete hello --dry-run', 'presage delete hello --yes'),
    contextOf,
    'DELETE /v1/functions/{name}',
    {
      ask: (name) => `Delete ${name} and all its revisions?`,
      told: (name) => `${name} is deleted`,
      look: async ({ api }, [name = '']) => {
        const [fn, revisions, instances, checkpoints] = await Promise.all([
          api.get<FunctionDetail>(functionPath(name)),
          api.list<RevisionResource>(functionPath(name, '/revisions')),
          api.list<InstanceResource>('/v1/instances', { function: name, live: true }),
          api.list<CheckpointResource>('/v1/checkpoints', { function: name }),
        ]);
        const [aliases, gone] = [
          fn.aliases.map((alias) => alias.name),
          { revisions: revisions.length, instances: instances.length, checkpoints: checkpoints.length },
        ];
        const counts = Object.entries(gone).map(([what, count]) => `${count} ${what}`);
        const text = `${name} would go, with ${counts.join(', ')} and the aliases ${aliases.join(', ') || '(none)'}`;
        return { facts: { function: name, aliases, ...gone }, text };
      },
    },
  );
}

async function describeFunction({ api, output }: CommandContext, name: string): Promise<void> {
  const [fn, instances, checkpoints, counts] = await Promise.all([
    api.get<FunctionDetail>(functionPath(name)),
    api.list<InstanceResource>('/v1/instances', { function: name, live: true }),
    api.list<CheckpointResource>('/v1/checkpoints', { function: name, state: 'ready' }),
    api.get<{ items: MinuteCountResource[] }>(functionPath(name, '/counts')),
  ]);
  const lastHour = sumOf(counts.items);
  const now = Date.now();
  await output.item({ ...fn, instances, checkpoints, lastHour }, async () => {
    const { latest } = fn;
    const spec = latest?.manifest.spec;
    const shares = Object.entries(lastHour.byKind).map(([kind, count]) => `${count} ${kind}`);
    const parts = [
      output.fields([
        ['Name', fn.name],
        ['Address', `${api.config.url}${fn.path}`],
        ['Age', showAge(fn.createdAt, now)],
        ...fn.aliases.map(
          ({ name: alias, weights }) => [`Alias ${alias}`, `revision ${showWeights(weights)}`] as const,
        ),
        ['Newest', latest && `revision ${latest.number}, ${latest.state}${latest.error ? `: ${latest.error}` : ''}`],
        ['Runtime', spec && `${spec.runtime}${spec.handler ? ` ${spec.handler}` : ''}`],
        [
          'Resources',
          spec && `${spec.resources.memory} memory, ${spec.resources.cpu} CPU, concurrency ${spec.concurrency}`,
        ],
        ['Scale', spec && `${spec.scale.min} to ${spec.scale.max} instances, kept ${spec.scale.keepAlive} when idle`],
        [
          'Last hour',
          `${lastHour.total} invocations, ${lastHour.errors} errors${lastHour.total > 0 ? ` (${shares.join(', ')})` : ''}`,
        ],
      ]),
    ];
    if (instances.length > 0) {
      parts.push(
        await output.table(instances, [
          ['INSTANCE', (instance) => instance.id],
          ['REVISION', (instance) => instance.revision],
          ['NODE', (instance) => instance.node],
          ['STATE', (instance) => instance.state],
          ['START', (instance) => instance.kind],
          ['AGE', (instance) => showAge(instance.startedAt, now)],
        ]),
      );
    }
    if (checkpoints.length > 0) {
      parts.push(
        await output.table(checkpoints, [
          ['CHECKPOINT', (checkpoint) => checkpoint.id],
          ['REVISION', (checkpoint) => checkpoint.revision],
          ['NODE', (checkpoint) => checkpoint.node],
          ['SIZE', (checkpoint) => showBytes(checkpoint.rawBytes)],
          ['AGE', (checkpoint) => showAge(checkpoint.createdAt, now)],
        ]),
      );
    }
    return parts.join('\n\n');
  });
}

function sumOf(counts: readonly MinuteCountResource[]) {
  const sum = { total: 0, errors: 0, byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } };
  for (const count of counts) {
    sum.total += count.total;
    sum.errors += count.errors;
    for (const kind of ['hot', 'warm', 'restore', 'cold'] as const) sum.byKind[kind] += count.byKind[kind];
  }
  return sum;
}
