import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import { ASYNC_STATES } from '../../core/async/async-state';
import { PlatformError } from '../../core/error/platform-error';
import type { AsyncDetailResource, AsyncResource } from '../api-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { limitOption, listVerb } from '../list-verb';
import { showAge, showBytes, showMs } from '../quantities';
import type { Verb } from '../verb';

/** What became of invocations that nobody waited for. */
export function addAsync(program: Verb, contextOf: ContextOf): void {
  const group = program.command('async').description('invocations that nobody waits for, dead letters among them');

  listVerb<AsyncResource>(
    group
      .command('list')
      .alias('ls')
      .description('asynchronous invocations, newest first')
      .option('--function <function>', 'only of this function')
      .addOption(new Option('--state <state>', 'only in this state; dead: the dead letters').choices(ASYNC_STATES))
      .addOption(limitOption())
      .example('presage async list --state dead'),
    contextOf,
    'GET /v1/async',
    {
      columns: [
        ['ID', (row) => row.id],
        ['FUNCTION', (row) => row.function],
        ['BY', (row) => row.origin],
        ['STATE', (row) => row.state],
        ['TRIES', (row) => row.tries],
        ['STATUS', (row) => row.status],
        ['AGE', (row) => showAge(row.acceptedAt)],
        ['REASON', (row) => row.reason],
      ],
      none: 'There are no asynchronous invocations',
    },
  );

  group
    .command('describe')
    .description('one of them, with each of its tries')
    .argument('<id>', 'the id in the answer 202')
    .calls('GET /v1/async/{id}')
    .example('presage async describe 01JABC')
    .action(async (id: string, _options: object, command: Verb) => {
      const context = contextOf(command);
      const found = await context.api.get<AsyncDetailResource>(pathOf(id));
      await context.output.item(found, () => describe(context, found));
    });

  group
    .command('result')
    .description('what the function answered, as it is; its status is told on stderr')
    .argument('<id>', 'the id in the answer 202')
    .calls('GET /v1/async/{id}/result')
    .example('presage async result 01JABC > answer')
    .action(async (id: string, _options: object, command: Verb) => {
      const { api, output, terminal } = contextOf(command);
      const answer = await api.open('GET', pathOf(id, '/result'), {
        query: { tenant: api.config.tenant ?? undefined },
      });
      output.note(`HTTP ${String(answer.headers['x-presage-status'] ?? '')}`);
      await pipeline(answer, terminal.stdout, { end: false });
    });

  for (const [verb, done, description] of [
    ['cancel', 'is cancelled', 'end one that has not ended'],
    ['redrive', 'begins anew', 'begin one anew that is dead, failed or cancelled'],
  ] as const) {
    const command = group
      .command(verb)
      .description(description)
      .argument('[id]', 'the invocation')
      .calls(`POST /v1/async/{id}/${verb}`)
      .example(`presage async ${verb} 01JABC`);
    if (verb === 'redrive') {
      command
        .option('--dead <function>', 'instead of an id: all dead letters of this function')
        .calls('GET /v1/async')
        .example('presage async redrive --dead hello');
    }
    command.action(async (id: string | undefined, options: { dead?: string }, own: Verb) => {
      const { api, output } = contextOf(own);
      if ((id === undefined) === (options.dead === undefined)) throw eitherOr(verb);
      const filter = { function: options.dead, state: 'dead' };
      const ids = id === undefined ? (await api.list<AsyncResource>('/v1/async', filter)).map((row) => row.id) : [id];
      const changed: AsyncResource[] = [];
      for (const each of ids) changed.push(await api.send<AsyncResource>('POST', pathOf(each, `/${verb}`)));
      await output.item(id === undefined ? changed : changed[0], () =>
        changed.length === 0 ? 'There are no dead letters' : changed.map((row) => `${row.id} ${done}`).join('\n'),
      );
    });
  }
}

async function describe({ output }: CommandContext, found: AsyncDetailResource): Promise<string> {
  const { result } = found;
  const facts = output.fields([
    ['Invocation', found.id],
    ['Request', `${found.method} ${found.path}, by ${found.origin}`],
    ['Function', found.alias === 'live' ? found.function : `${found.function}@${found.alias}`],
    ['State', `${found.state}${found.reason === null ? '' : `: ${found.reason}`}`],
    ['Key', found.idempotencyKey],
    ['Accepted', found.acceptedAt],
    [found.endedAt === null ? 'Next try' : 'Ended', found.endedAt ?? found.dueAt],
    ['Kept until', found.forgetAt],
    ['Answer', result && `${result.status}, ${showBytes(result.bytes)} at ${result.location}`],
  ]);
  if (found.history.length === 0) return facts;
  const table = await output.table(found.history, [
    ['TRY', (row) => row.try],
    ['AT', (row) => row.at],
    ['TIME', (row) => (row.ms === null ? null : showMs(row.ms))],
    ['STATUS', (row) => row.status],
    ['ERROR', (row) => row.error],
  ]);
  return `${facts}\n\n${table}`;
}

function pathOf(id: string, rest = ''): string {
  return `/v1/async/${encodeURIComponent(id)}${rest}`;
}

function eitherOr(verb: string): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Name one invocation to ${verb}${verb === 'redrive' ? ', or --dead FUNCTION' : ''}`,
    {
      hint: 'presage async list shows them.',
    },
  );
}
