import { Option, type Command } from 'commander';
import { DEGRADE_STEPS, type DegradeStep } from '../../core/budget/budget-spec';
import { picoOfDollars, roughDollars } from '../../core/cost/money-text';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { ApiClient } from '../api-client';
import type { BudgetAlertResource, BudgetForecastResource, BudgetResource, BudgetWish } from '../budget-resources';
import type { ContextOf } from '../command-context';
import { confirm } from '../confirm';
import { percentsOption, wordsOption } from '../option-values';

interface SetOptions {
  readonly limit?: string;
  readonly period?: 'daily' | 'monthly';
  readonly timeZone?: string;
  readonly functions?: readonly string[];
  readonly allFunctions?: boolean;
  readonly criticalShare?: number;
  readonly alertAt?: readonly number[];
  readonly degrade?: readonly string[];
  readonly webhook?: string | false;
  readonly webhookSecret?: string;
}

const pathOf = (name: string): string => `/v1/budgets/${encodeURIComponent(name)}`;
const money = (dollars: string | null): string | null => (dollars === null ? null : `$${roughDollars(picoOfDollars(dollars))}`); // prettier-ignore

export function addBudgets(program: Command, contextOf: ContextOf): void {
  const budget = program.command('budget').alias('budgets').description('what functions may cost, and how that stands');

  budget
    .command('list')
    .description('all budgets with what is spent of them')
    .action(async (_options: object, command: Command) => {
      const { api, output } = contextOf(command);
      await output.list(
        await api.list<BudgetResource>('/v1/budgets'),
        [
          ['NAME', ({ name }) => name],
          ['SPENT', ({ spent }) => money(spent)],
          ['OF', ({ spec }) => money(spec.limit)],
          ['%', ({ percent }) => percent.toFixed(1)],
          ['FORECAST', ({ forecast }) => money(forecast)],
          ['UNTIL', ({ periodEnd }) => periodEnd],
          ['STEPS', ({ steps }) => steps.join(', ') || null],
        ],
        'There are no budgets',
      );
    });

  budget
    .command('set')
    .description('make a budget, or change what is named of one')
    .argument('<name>', 'the budget')
    .option('--limit <dollars>', 'what may be spent in a period, e.g. 250.00; needed for a new one')
    .addOption(new Option('--period <period>', 'how long a period is').choices(['daily', 'monthly']))
    .option('--time-zone <zone>', 'in which days and months begin, e.g. Europe/Berlin')
    .addOption(new Option('--functions <names>', 'those that it counts, by commas').argParser(wordsOption))
    .option('--all-functions', 'all that the tenant has')
    .addOption(new Option('--critical-share <percent>', 'kept for critical functions').argParser(Number))
    .addOption(new Option('--alert-at <percents>', 'to be told of, by commas').argParser(percentsOption))
    .addOption(
      new Option('--degrade <steps>', `in order, by commas: ${DEGRADE_STEPS.join(',')}`).argParser(wordsOption),
    ) // prettier-ignore
    .option('--webhook <url>', 'where alerts are sent to')
    .option('--no-webhook', 'send alerts to nobody')
    .option('--webhook-secret <secret>', 'a secret of the tenant that alerts are signed with')
    .action(async (name: string, options: SetOptions, command: Command) => {
      const { api, output } = contextOf(command);
      const before = await find(api, name);
      if (!before && options.limit === undefined) {
        throw new PlatformError('invalid_argument', `There is no budget ${name} yet: a new one needs --limit`, {
          hint: `presage budget set ${name} --limit 250`,
        });
      }
      const made = await api.send<BudgetResource>('PUT', pathOf(name), { json: wished(before, options) });
      const { spec, spent, percent } = made;
      const each = spec.period === 'daily' ? 'a day' : 'a month';
      output.note(`${name} allows ${money(spec.limit)} ${each}; ${money(spent)} (${percent.toFixed(1)} %) is spent`);
    });

  budget
    .command('show')
    .description('how a budget stands, and what it has told of')
    .argument('<name>', 'the budget')
    .action(async (name: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const found = await api.get<BudgetResource>(pathOf(name));
      const { items: alerts } = await api.get<{ items: readonly BudgetAlertResource[] }>(`${pathOf(name)}/alerts`);
      await output.item({ ...found, alerts }, async () => {
        const { spec } = found;
        const facts = output.fields([
          ['Limit', `${money(spec.limit)} ${spec.period}, ${spec.timeZone}`],
          ['Counts', spec.functions?.join(', ') ?? 'all functions'],
          ['Period', `${found.periodStart} to ${found.periodEnd}`],
          ['Spent', `${money(found.spent)} (${found.percent.toFixed(1)} %)`],
          ['Forecast', money(found.forecast)],
          ['In force', found.steps.join(', ') || 'nothing'],
          ['Ladder', spec.degrade.join(', ') || 'nothing'],
          ['For critical', `${spec.criticalShare} %`],
          ['Alerts at', spec.alertAt.map((percent) => `${percent} %`).join(', ') || 'nothing'],
          ['Webhook', spec.webhook?.url],
          ['Declared by', found.origin === 'kubernetes' ? 'an object of Kubernetes' : 'the API'],
        ]);
        if (alerts.length === 0) return facts;
        const table = await output.table(alerts, [
          ['ALERT', ({ percent }) => `${percent} %`],
          ['AT', ({ at }) => at],
          ['WEBHOOK', ({ delivery }) => delivery],
          ['TRIES', ({ tries }) => tries],
          ['ERROR', ({ error }) => error],
        ]);
        return `${facts}\n\n${table}`;
      });
    });

  budget
    .command('forecast')
    .description('where a budget’s spend will end, and what each step would save')
    .argument('<name>', 'the budget')
    .action(async (name: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const found = await api.get<BudgetForecastResource>(`${pathOf(name)}/forecast`);
      await output.item(found, async () => {
        const facts = output.fields([
          ['Limit', money(found.limit)],
          ['Spent', money(found.spent)],
          ['Forecast', found.forecast === null ? 'not made yet: it is within a minute' : money(found.forecast)],
          ['Until', found.periodEnd],
        ]);
        if (found.steps.length === 0) return facts;
        const table = await output.table(found.steps, [
          ['STEP', ({ step }) => step],
          ['IN FORCE', ({ since }) => (since === null ? 'no' : `since ${since}`)],
          ['SAVES AN HOUR', ({ savesPerHour }) => money(savesPerHour)],
          ['SAVES UNTIL THE END', ({ saves }) => money(saves)],
        ]);
        return `${facts}\n\n${table}`;
      });
    });

  budget
    .command('delete')
    .description('delete a budget: what it has held back goes on')
    .argument('<name>', 'the budget')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, output, terminal } = contextOf(command);
      if (options.yes !== true) await confirm(terminal, `Delete the budget ${name} with what it has told of?`);
      await api.send('DELETE', pathOf(name));
      output.note(`The budget ${name} is deleted`);
    });
}

async function find(api: ApiClient, name: string): Promise<BudgetResource | null> {
  try {
    return await api.get<BudgetResource>(pathOf(name));
  } catch (error) {
    if (isPlatformError(error) && error.code === 'not_found') return null;
    throw error;
  }
}

/** What is there, changed by what was named. */
function wished(before: BudgetResource | null, options: SetOptions): BudgetWish {
  const { limit, period, timeZone, functions, allFunctions, criticalShare, alertAt, degrade } = options;
  const wish: BudgetWish = { ...before?.spec };
  if (limit !== undefined) wish.limit = limit;
  if (period !== undefined) wish.period = period;
  if (timeZone !== undefined) wish.timeZone = timeZone;
  if (functions !== undefined) wish.functions = [...functions];
  if (allFunctions === true) delete wish.functions;
  if (criticalShare !== undefined) wish.criticalShare = criticalShare;
  if (alertAt !== undefined) wish.alertAt = [...alertAt];
  // The platform says which of them are none.
  if (degrade !== undefined) wish.degrade = degrade as DegradeStep[];
  if (options.webhook === false) delete wish.webhook;
  else if (options.webhook !== undefined || options.webhookSecret !== undefined) {
    wish.webhook = {
      url: options.webhook ?? wish.webhook?.url ?? '',
      secret: options.webhookSecret ?? wish.webhook?.secret ?? '',
    };
  }
  return wish;
}
