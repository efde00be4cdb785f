import type { Command } from 'commander';
import type {
  AliasResource,
  CheckpointResource,
  FunctionDetail,
  FunctionResource,
  InstanceResource,
  MinuteCountResource,
} from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { confirm } from '../confirm';
import { countOption } from '../option-values';
import { showAge, showBytes, showWeights } from '../quantities';

/** list, describe, rollback and delete. */
export function addFunctions(program: Command, contextOf: ContextOf): void {
  program
    .command('list')
    .alias('ls')
    .description('functions of the tenant')
    .action(async (_options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<FunctionResource>('/v1/functions'),
        [
          ['NAME', (fn) => fn.name],
          ['PATH', (fn) => fn.path],
          ['LABELS', (fn) => Object.entries(fn.labels).map(([key, value]) => `${key}=${value}`).join(',') || '-'], // prettier-ignore
          ['AGE', (fn) => showAge(fn.createdAt, now)],
        ],
        'There are no functions yet. Begin with: presage init hello && presage deploy hello',
      );
    });

  program
    .command('describe')
    .description('a function: aliases, newest revision, instances, checkpoints, the last hour')
    .argument('<name>', 'the function')
    .action(async (name: string, _options: object, command: Command) => describeFunction(contextOf(command), name));

  program
    .command('rollback')
    .description('point live at the ready revision before, or at a named one')
    .argument('<name>', 'the function')
    .option('--to <revision>', 'the revision to go back to', countOption)
    .action(async (name: string, options: { to?: number }, command: Command) => {
      const { api, output } = contextOf(command);
      const json = options.to === undefined ? {} : { to: options.to };
      const alias = await api.send<AliasResource>('POST', functionPath(name, '/rollback'), { json });
      await output.item(alias, () => `${name}: live points at revision ${showWeights(alias.weights)}`);
    });

  program
    .command('delete')
    .description('delete a function; its name is free at once')
    .argument('<name>', 'the function')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, output, terminal } = contextOf(command);
      if (!options.yes) await confirm(terminal, `Delete ${name} and all its revisions?`);
      await api.send('DELETE', functionPath(name));
      output.note(`${name} is deleted`);
    });
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
