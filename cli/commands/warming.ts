import type { Command } from 'commander';
import type { WarmingResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';

const MICRO = 1e6;

export function addWarming(program: Command, contextOf: ContextOf): void {
  const warming = program.command('warming').description('which policy keeps functions warm');

  warming
    .command('show', { isDefault: true })
    .description('the policy in force, its rivals, and how the last windows were judged')
    .action(async (_options: object, command: Command) => {
      const context = contextOf(command);
      await shown(context, await context.api.get<WarmingResource>('/v1/warming'));
    });

  warming
    .command('use')
    .description('put a policy in force; the one before comes back if a window goes against it')
    .argument('<policy>', 'presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed or none')
    .action((live: string, _options: object, command: Command) => change(contextOf(command), { live }));

  warming
    .command('challenge')
    .description('let a policy run in shadow; it takes over once it wins a window')
    .argument('<policy>', 'as of use')
    .action((challenger: string, _options: object, command: Command) => change(contextOf(command), { challenger }));

  warming
    .command('withdraw')
    .description('end the challenge')
    .action((_options: object, command: Command) => change(contextOf(command), { challenger: null }));
}

async function change(context: CommandContext, json: object): Promise<void> {
  await shown(context, await context.api.send<WarmingResource>('PUT', '/v1/warming', { json }));
}

async function shown({ output }: CommandContext, found: WarmingResource): Promise<void> {
  await output.item(found, async () => {
    const { live, challenger, previous, probation, reverted, verdicts } = found;
    const fields = output.fields([
      ['In force', live],
      ['Challenged by', challenger],
      ['Comes back if it loses', previous && `${previous}, for ${probation} more windows`],
      ['Lost before', reverted.join(', ')],
    ]);
    if (verdicts.length === 0) return fields;
    const table = await output.table(verdicts, [
      ['WINDOW', ({ from, to }) => `${from.slice(0, 16)} to ${to.slice(11, 16)}`],
      ['VERDICT', ({ decision }) => decision],
      [
        'PRICES',
        ({ prices }) => prices.map(({ policy, price }) => `${policy} $${(price / MICRO).toPrecision(3)}`).join(', '),
      ],
      ['BECAUSE', ({ reason }) => reason],
    ]);
    return `${fields}\n\n${table}`;
  });
}
