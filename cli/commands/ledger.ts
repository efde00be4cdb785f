import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import { Option } from 'commander';
import { LEDGER_STEPS } from '../../core/cost/ledger-step';
import type { CommandContext, ContextOf } from '../command-context';
import type { LedgerCheckResource, LedgerLineResource, StatementResource } from '../cost-resources';
import { followCase } from '../follow-job';
import { limitOption, listVerb } from '../list-verb';
import { timeOption } from '../option-values';
import type { Verb } from '../verb';

/** `presage cost ledger|statement|export|check`. */
export function addLedger(cost: Verb, contextOf: ContextOf): void {
  const lines = (name: string): Verb =>
    cost
      .command(name)
      .option('--from <time>', 'since a time or for how long, e.g. 7d; default 24h', timeOption)
      .option('--to <time>', 'up to a time; default: now', timeOption)
      .addOption(new Option('--by <step>', 'of UTC; default hour').choices([...LEDGER_STEPS]))
      .option('--function <function>', 'of one function')
      .option('--components <names>', 'comma-separated, e.g. memory,network; default: all')
      .option('--sum', 'all functions together');

  listVerb<LedgerLineResource>(
    lines('ledger')
      .description('what was charged, by time, function and component')
      .addOption(limitOption(200))
      .example('presage cost ledger --from 7d --by day'),
    contextOf,
    'GET /v1/cost/ledger',
    {
      columns: [
        ['TIME', ({ time }) => time.slice(0, 16)],
        ['FUNCTION', (line) => line.function],
        ['COMPONENT', ({ component }) => component],
        ['QUANTITY', ({ quantity }) => figure(quantity)],
        ['UNIT', ({ unit }) => unit],
        ['DOLLARS', ({ dollars }) => dollars],
      ],
      none: 'Nothing was charged; what is charged comes into the ledger when its minute is over',
    },
  );

  cost
    .command('statement')
    .description('what a month has cost, by function and component')
    .argument('[month]', 'such as 2026-11; default: this month')
    .option(
      '--time-zone <zone>',
      'in which the month begins; default: that of the budgets, if all have the same, else UTC',
    )
    .calls('GET /v1/cost/statement')
    .example('presage cost statement 2026-11')
    .action(async (month: string | undefined, { timeZone }: { timeZone?: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<StatementResource>('/v1/cost/statement', { month, timeZone });
      await output.item(found, () => statementText({ output }, found));
    });

  lines('export')
    .description('the ledger as a file of CSV')
    .addOption(
      new Option('--format <format>', 'columns of its own, or those of FOCUS 1.2')
        .choices(['csv', 'focus'])
        .default('csv'),
    )
    .option('--file <path>', 'default: written to stdout')
    .calls('GET /v1/cost/ledger')
    .example('presage cost export --format focus --file november.csv')
    .action(async ({ file, ...query }: { file?: string; format: string }, command: Verb) => {
      const { api, terminal, output } = contextOf(command);
      const tenant = api.config.tenant ?? undefined;
      const answer = await api.open('GET', '/v1/cost/ledger', { query: { tenant, ...query } });
      if (file === undefined) return pipeline(answer, terminal.stdout, { end: false });
      await pipeline(answer, createWriteStream(resolve(terminal.cwd, file)));
      output.note(`Written to ${file}`);
    });

  cost
    .command('check')
    .description('reckon calls, idle memory and checkpoints anew from their records, and compare them with the ledger')
    .option('--window <duration>', 'how long; default 2h')
    .option('--until <time>', 'end of the window, RFC 3339; default: now')
    .calls('POST /v1/cost/ledger/checks', 'GET /v1/cost/ledger/checks/{id}')
    .example('presage cost check --window 2h')
    .action(async (json: { window?: string; until?: string }, command: Verb) => {
      const context = contextOf(command);
      const { api, output } = context;
      const { id } = await api.send<{ id: string }>('POST', '/v1/cost/ledger/checks', { json });
      const told = { step: 'Comparing', failed: 'It could not be compared', code: 'invalid_argument' } as const;
      const found = await followCase<LedgerCheckResource>(context, `/v1/cost/ledger/checks/${id}`, told);
      await output.item(found, () => checkText({ output }, found));
      if (found.result && found.result.differences + found.result.unpriced > 0) context.failed();
    });
}

async function statementText({ output }: Pick<CommandContext, 'output'>, found: StatementResource): Promise<string> {
  const facts = output.fields([
    ['Tenant', found.tenant],
    ['Month', `${found.month} in ${found.timeZone}${found.complete ? '' : ', not complete'}`],
    ['Dollars', found.dollars],
    ['Without credits', found.paid.dollars],
  ]);
  const parts = await output.table(found.parts, [
    ['COMPONENT', ({ component }) => component],
    ['QUANTITY', ({ quantity }) => figure(quantity)],
    ['UNIT', ({ unit }) => unit],
    ['DOLLARS', ({ dollars }) => dollars],
  ]);
  const functions = await output.table(found.functions, [
    ['FUNCTION', (row) => row.function],
    ['DOLLARS', ({ dollars }) => dollars],
  ]);
  return found.parts.length === 0 ? facts : `${facts}\n\n${parts}\n\n${functions}`;
}

async function checkText({ output }: Pick<CommandContext, 'output'>, { result }: LedgerCheckResource): Promise<string> {
  if (!result) return 'Nothing came of it';
  const { from, to, calls, sums, differences, unpriced, examples } = result;
  const facts = output.fields([
    ['Window', `${from.slice(0, 16)} to ${to.slice(0, 16)}`],
    ['Calls', calls],
    ['Sums', sums],
    ['Differences', differences],
    ['Not priced', unpriced],
  ]);
  if (examples.length === 0) return facts;
  const table = await output.table(examples, [
    ['MINUTE', ({ minute }) => minute.slice(0, 16)],
    ['FUNCTION', ({ functionId }) => functionId],
    ['COMPONENT', ({ component }) => component],
    ['RECORDS', ({ recorded }) => recorded],
    ['LEDGER', ({ charged }) => charged],
  ]);
  return `${facts}\n\n${table}`;
}

function figure(quantity: number): string {
  return String(Number(quantity.toPrecision(6)));
}
