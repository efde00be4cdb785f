import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import { Option, type Command } from 'commander';
import { LEDGER_STEPS } from '../../core/cost/ledger-step';
import { PlatformError } from '../../core/error/platform-error';
import type { CommandContext, ContextOf } from '../command-context';
import type { LedgerCheckResource, LedgerLineResource, StatementResource } from '../cost-resources';
import { countOption, timeOption } from '../option-values';

const LOOK_MS = 500;

interface LinesOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
  readonly function?: string;
  readonly components?: string;
}

/** `presage cost ledger|statement|export|check`. */
export function addLedger(cost: Command, contextOf: ContextOf): void {
  const lines = (name: string): Command =>
    cost
      .command(name)
      .option('--from <time>', 'since a time or for how long, e.g. 7d; default 24h', timeOption)
      .option('--to <time>', 'up to a time; default: now', timeOption)
      .addOption(new Option('--by <step>', 'of UTC; default hour').choices([...LEDGER_STEPS]))
      .option('--function <name>', 'of one function')
      .option('--components <names>', 'comma-separated, e.g. memory,network; default: all');

  lines('ledger')
    .description('what was charged, by time, function and component')
    .option('--limit <lines>', 'at most so many', countOption, 200)
    .action(async ({ limit, ...query }: LinesOptions & { limit: number }, command: Command) => {
      const { api, output } = contextOf(command);
      await output.list(
        await api.list<LedgerLineResource>('/v1/cost/ledger', { ...query, format: 'json' }, limit),
        [
          ['TIME', ({ time }) => time.slice(0, 16)],
          ['FUNCTION', (line) => line.function],
          ['COMPONENT', ({ component }) => component],
          ['QUANTITY', ({ quantity }) => figure(quantity)],
          ['UNIT', ({ unit }) => unit],
          ['DOLLARS', ({ dollars }) => dollars],
        ],
        'Nothing was charged; what is charged comes into the ledger when its minute is over',
      );
    });

  cost
    .command('statement')
    .description('what a month has cost, by function and component')
    .argument('[month]', 'such as 2026-11; default: this month')
    .option(
      '--time-zone <zone>',
      'in which the month begins; default: that of the budgets, if all have the same, else UTC',
    )
    .action(async (month: string | undefined, { timeZone }: { timeZone?: string }, command: Command) => {
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
    .action(async ({ file, ...query }: LinesOptions & { format: string; file?: string }, command: Command) => {
      const { api, terminal, output } = contextOf(command);
      const tenant = api.config.tenant ?? undefined;
      const answer = await api.open('GET', '/v1/cost/ledger', { query: { tenant, ...query } });
      if (file === undefined) return pipeline(answer, terminal.stdout, { end: false });
      await pipeline(answer, createWriteStream(file));
      output.note(`Written to ${file}`);
    });

  cost
    .command('check')
    .description('reckon calls, idle memory and checkpoints anew from their records, and compare them with the ledger')
    .option('--window <duration>', 'how long; default 2h')
    .option('--until <time>', 'end of the window, RFC 3339; default: now')
    .action(async (json: { window?: string; until?: string }, command: Command) => {
      const context = contextOf(command);
      const { api, output } = context;
      const { id } = await api.send<{ id: string }>('POST', '/v1/cost/ledger/checks', { json });
      const found = await ended({ api, output }, id);
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

/** Waits for the end of a check. @throws PlatformError invalid_argument: why it could not be made */
async function ended(
  { api, output }: Pick<CommandContext, 'api' | 'output'>,
  id: string,
): Promise<LedgerCheckResource> {
  output.note('Comparing…');
  for (;;) {
    const found = await api.get<LedgerCheckResource>(`/v1/cost/ledger/checks/${id}`);
    if (found.state === 'done') return found;
    if (found.state === 'failed') {
      throw new PlatformError('invalid_argument', `It could not be compared: ${found.error ?? 'no reason is known'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
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
