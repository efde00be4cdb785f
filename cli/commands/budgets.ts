import { Option } from 'commander';
import { checkBudget } from '../../core/budget/check-budget';
import { DEGRADE_STEPS, type DegradeStep } from '../../core/budget/budget-spec';
import { picoOfDollars, roughDollars } from '../../core/cost/money-text';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { ApiClient } from '../api-client';
import type { BudgetAlertResource, BudgetForecastResource, BudgetResource, BudgetWish } from '../budget-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { percentOption, percentsOption, wordsOption } from '../option-values';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

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
  readonly dryRun?: boolean;
}

const pathOf = (name: string): string => `/v1/budgets/${encodeURIComponent(name)}`;
const money = (dollars: string | null): string | null => (dollars === null ? null : `$${roughDollars(picoOfDollars(dollars))}`); // prettier-ignore

export function addBudgets(program: Verb, contextOf: ContextOf): void {
  const budget = program.command('budget').alias('budgets').description('what functions may cost, and how that stands');

  listVerb<BudgetResource>(
    budget
      .command('list')
      .alias('ls')
      .description('all budgets with what is spent of them')
      .example('presage budget list'),
    contextOf,
    'GET /v1/budgets',
    {
      columns: [
        ['NAME', ({ name }) => name],
        ['SPENT', ({ spent }) => money(spent)],
        ['OF', ({ spec }) => money(spec.limit)],
        ['%', ({ percent }) => percent.toFixed(1)],
        ['FORECAST', ({ forecast }) => money(forecast)],
        ['UNTIL', ({ periodEnd }) => periodEnd],
        ['STEPS', ({ steps }) => steps.join(', ') || null],
      ],
      none: 'There are no budgets',
    },
  );

  budget
    .command('set')
    .description('make a budget, or change what is named of one')
    .argument('<budget>', 'its name')
    .option('--limit <dollars>', 'what may be spent in a period, e.g. 250.00; needed for a new one')
    .addOption(new Option('--period <period>', 'how long a period is').choices(['daily', 'monthly']))
    .option('--time-zone <zone>', 'in which days and months begin, e.g. Europe/Berlin')
    .addOption(new Option('--functions <functions>', 'those that it counts, by commas').argParser(wordsOption))
    .option('--all-functions', 'all that the tenant has')
    .addOption(new Option('--critical-share <percent>', 'kept for critical functions').argParser(percentOption))
    .addOption(new Option('--alert-at <percents>', 'to be told of, by commas').argParser(percentsOption))
    .addOption(
      new Option('--degrade <steps>', `in order, by commas: ${DEGRADE_STEPS.join(',')}`).argParser(wordsOption),
    ) // prettier-ignore
    .option('--webhook <url>', 'where alerts are sent to')
    .option('--no-webhook', 'send alerts to nobody')
    .option('--webhook-secret <secret>', 'a secret of the tenant that alerts are signed with')
    .option('--dry-run', 'check it and tell what would change, and change nothing')
    .calls('GET /v1/budgets/{name}', 'PUT /v1/budgets/{name}', 'GET /v1/functions', 'GET /v1/secrets')
    .example(
      'presage budget set month --limit 250 --time-zone Europe/Berlin --alert-at 50,90,100',
      'presage budget set month --limit 300 --degrade shorten-keep-alive,queue --dry-run',
    )
    .action(async (name: string, options: SetOptions, command: Verb) => {
      const context = contextOf(command);
      const { api, output } = context;
      const before = await find(api, name);
      if (!before && options.limit === undefined) {
        throw new PlatformError('invalid_argument', `There is no budget ${name} yet: a new one needs --limit`, {
          hint: `presage budget set ${name} --limit 250`,
        });
      }
      const wish = wished(before, options);
      if (options.dryRun) return wouldSet(context, name, before, wish);
      const made = await api.send<BudgetResource>('PUT', pathOf(name), { json: wish });
      const { spec, spent, percent } = made;
      const each = spec.period === 'daily' ? 'a day' : 'a month';
      const told = `${name} allows ${money(spec.limit)} ${each}; ${money(spent)} (${percent.toFixed(1)} %) is spent`;
      await output.done(made, told);
    });

  budget
    .command('show')
    .description('how a budget stands, and what it has told of')
    .argument('<budget>', 'its name')
    .calls('GET /v1/budgets/{name}', 'GET /v1/budgets/{name}/alerts')
    .example('presage budget show month')
    .action(async (name: string, _options: object, command: Verb) => {
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
    .argument('<budget>', 'its name')
    .calls('GET /v1/budgets/{name}/forecast')
    .example('presage budget forecast month')
    .action(async (name: string, _options: object, command: Verb) => {
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

  removeVerb(
    budget
      .command('delete')
      .alias('rm')
      .description('delete a budget: what it has held back goes on')
      .argument('<budget>', 'its name')
      .calls('GET /v1/budgets/{name}')
      .example('presage budget delete month --dry-run', 'presage budget delete month --yes'),
    contextOf,
    'DELETE /v1/budgets/{name}',
    {
      ask: (name) => `Delete the budget ${name}?`,
      told: (name) => `The budget ${name} is deleted`,
      look: async ({ api }, [name = '']) => {
        const { spec, spent, steps } = await api.get<BudgetResource>(pathOf(name));
        const held = steps.length > 0 ? `; ${steps.join(', ')} would end` : '';
        const text = `The budget ${name} would go: ${money(spent)} of ${money(spec.limit)} are spent${held}`;
        return { facts: { budget: name, spec, spent, steps }, text };
      },
    },
  );
}

/** Checks a spec as the platform does, but for its prices. @throws PlatformError invalid_argument with every problem */
async function wouldSet(
  { api, output }: CommandContext,
  name: string,
  before: BudgetResource | null,
  wish: BudgetWish,
): Promise<void> {
  // prettier-ignore
  const [functions, secrets] = await Promise.all([
    api.list<{ name: string }>('/v1/functions'),
    api.list<{ name: string }>('/v1/secrets'),
  ]);
  const namesOf = (list: readonly { name: string }[]): ReadonlySet<string> => new Set(list.map((item) => item.name));
  const { spec, problems } = checkBudget(wish, { functions: new Set([...(before?.spec.functions ?? []), ...namesOf(functions)]), secrets: namesOf(secrets), unpriced: [] }); // prettier-ignore
  if (!spec) throw new PlatformError('invalid_argument', `The budget ${name} is not valid`, { problems });
  const text = output.fields(
    Object.entries(spec).map(([field, value]) => {
      const [old, now] = [before?.spec[field as keyof typeof spec], value].map((each) => JSON.stringify(each));
      return [field, old === undefined || old === now ? now : `${old} → ${now}`];
    }),
  );
  await output.dryRun({ budget: name, before: before?.spec ?? null, after: spec }, text);
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
