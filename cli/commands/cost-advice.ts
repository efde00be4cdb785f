import type { CommandContext, ContextOf } from '../command-context';
import type { CostRecommendationResource, CostSearchResource } from '../cost-resources';
import { followCase } from '../follow-job';
import { showPrice } from '../quantities';
import type { Verb } from '../verb';

interface RecommendOptions {
  readonly refresh?: boolean;
  readonly window?: string;
  readonly strategy?: string;
  readonly all?: boolean;
}

/** What could be saved, and doing it. */
export function addCostAdvice(cost: Verb, contextOf: ContextOf): void {
  cost
    .command('recommend')
    .description('what could be saved, the greatest saving first; of one: its evidence, change and undo')
    .argument('[id]', 'a recommendation')
    .option('--refresh', 'look for savings now, instead of showing what was found last')
    .option('--window <duration>', 'with --refresh: what is looked at, up to now; default 24h')
    .option('--strategy <name>', 'only of this strategy')
    .option('--all', 'those that were applied or taken back, too')
    .calls(
      'GET /v1/cost/recommendations',
      'GET /v1/cost/recommendations/{id}',
      'POST /v1/cost/recommendations',
      'GET /v1/cost/searches/{id}',
    )
    .example('presage cost recommend --refresh --window 24h', 'presage cost recommend 01JABC')
    .action(async (id: string | undefined, options: RecommendOptions, command: Verb) => {
      const context = contextOf(command);
      if (id !== undefined) return one(context, await context.api.get(`/v1/cost/recommendations/${id}`));
      if (options.refresh) await refreshed(context, options);
      const query = new URLSearchParams({
        ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
        ...(options.all ? {} : { state: 'open' }),
      });
      const { items } = await context.api.get<{ items: CostRecommendationResource[] }>(
        `/v1/cost/recommendations?${query.toString()}`,
      );
      await context.output.list(
        items,
        [
          ['ID', (row) => row.id],
          ['STRATEGY', (row) => row.strategy],
          ['SAVES A MONTH', (row) => showPrice(row.monthlySaving)],
          ['SURE', (row) => row.confidence],
          ...(options.all ? [['STATE', (row: CostRecommendationResource) => row.state] as const] : []),
          ['WHAT', (row) => row.title],
        ],
        'Nothing was found: presage cost recommend --refresh looks again',
      );
    });

  for (const [word, description, done] of [
    [
      'apply',
      'do what a recommendation says; it is judged after a window, and taken back if it lost',
      'is being applied',
    ],
    ['revert', 'take back a recommendation that was applied', 'is being taken back'],
  ] as const) {
    const made = cost
      .command(word)
      .description(description)
      .argument('<id>', 'as presage cost recommend shows it')
      .calls(`POST /v1/cost/recommendations/{id}/${word}`)
      .example(`presage cost ${word} 01JABC`);
    if (word === 'apply') made.option('--window <duration>', 'after which it is judged; default 1h');
    made.action(async (id: string, { window }: { window?: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const json = window === undefined ? {} : { json: { window } };
      const started = await api.send<{ id: string; workflowId: string }>(
        'POST',
        `/v1/cost/recommendations/${id}/${word}`,
        json,
      );
      await output.item(started, () => `${id} ${done} by ${started.workflowId}: presage cost recommend ${id}`);
    });
  }
}

async function one({ output }: CommandContext, advice: CostRecommendationResource): Promise<void> {
  await output.item(advice, async () => {
    const { monthlySaving, title, evidence, confidence, does, undo, state, reason } = advice;
    const facts = output.fields([
      ['Saves', `${showPrice(monthlySaving)} a month`],
      ['Sure', confidence],
      ['Does', does],
      ['Undo', undo],
      ['State', reason === null ? state : `${state}: ${reason}`],
    ]);
    const table = await output.table(evidence, [
      ['EVIDENCE', (row) => row.name],
      ['', (row) => (typeof row.value === 'number' ? Number(row.value.toPrecision(6)) : row.value)],
      ['', (row) => row.unit ?? ''],
    ]);
    return [title, facts, table].join('\n\n');
  });
}

/** Looks for savings, and waits for the end. @throws PlatformError internal: why nothing was looked at */
async function refreshed(context: CommandContext, { window }: RecommendOptions): Promise<void> {
  const json = window === undefined ? {} : { json: { window } };
  const { id } = await context.api.send<{ id: string }>('POST', '/v1/cost/recommendations', json);
  const told = { step: 'Looking for savings', failed: 'Nothing could be looked at' };
  await followCase<CostSearchResource>(context, `/v1/cost/searches/${id}`, told);
}
