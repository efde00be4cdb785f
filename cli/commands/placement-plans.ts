import { PlatformError } from '../../core/error/platform-error';
import { COST_TERMS, type CostTerm } from '../../core/placement/placement-prices';
import type { PlacementCostsResource, PlacementPlanResource, PlacementPlanStateResource } from '../placement-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { followCase } from '../follow-job';
import { countOption } from '../option-values';
import type { Column } from '../output';
import { showMs, showPrice } from '../quantities';
import type { Verb } from '../verb';

const LAST_PLANS = 100;

/** Where functions sit, what that costs, and where they would sit better. */
export function addPlacementPlans(program: Verb, contextOf: ContextOf): void {
  const placement =
    (program.commands.find((command) => command.name() === 'placement') as Verb | undefined) ??
    program.command('placement').description('where functions run');

  placement
    .command('list')
    .alias('ls')
    .description('where functions sit and what that costs an hour, by its five terms')
    .calls('GET /v1/placement')
    .example('presage placement ls')
    .action(async (_options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const { at, functions } = await api.get<PlacementCostsResource>('/v1/placement');
      if (at !== null) output.note(`As of ${at}; prices are for an hour`);
      await output.list(
        functions,
        [
          ['FUNCTION', (row) => row.function],
          ['ON', (row) => row.nodes.join(', ')],
          ['USERS P99', (row) => (row.users === null ? null : showMs(row.users.p99Ms))],
          ...COST_TERMS.map((term): Column<(typeof functions)[number]> => [
            term.toUpperCase(),
            (row) => showPrice(row.costs[term]),
          ]),
          ['ALL', (row) => showPrice(row.total)],
        ],
        at === null ? 'No plan was made yet: presage placement plan --dry-run' : 'No function was called',
      );
    });

  placement
    .command('plan')
    .description('weigh where functions would sit best, and move those for which it is worth it')
    .option('--dry-run', 'move nothing')
    .option('--max-moves <count>', 'functions that move at most', countOption)
    .calls('POST /v1/placement/plan', 'GET /v1/placement/plans/{id}')
    .example('presage placement plan --dry-run', 'presage placement plan --max-moves 2')
    .action(async ({ dryRun = false, maxMoves }: { dryRun?: boolean; maxMoves?: number }, command: Verb) => {
      const context = contextOf(command);
      const json = { dryRun, ...(maxMoves === undefined ? {} : { maxMoves }) };
      const { id } = await context.api.send<{ id: string }>('POST', '/v1/placement/plan', { json });
      const found = await followCase<PlacementPlanStateResource>(context, `/v1/placement/plans/${id}`, {
        step: ({ plan }) => (plan ? `Moving ${plan.moves.length} function(s)` : 'Planning'),
        failed: 'No plan was made',
      });
      await context.output.item(found.plan ?? found, async () =>
        found.plan ? planText(context.output, found.plan) : `Nothing to decide: ${found.error ?? 'no reason is known'}`,
      );
    });

  placement
    .command('explain')
    .description('what a function’s place costs, what was last decided on it, and why')
    .argument('<function>', 'the function')
    .calls('GET /v1/placement', 'GET /v1/placement/plans')
    .example('presage placement explain hello')
    .action(async (name: string, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const [{ functions }, plans] = await Promise.all([
        api.get<PlacementCostsResource>('/v1/placement'),
        api.list<PlacementPlanResource>('/v1/placement/plans', {}, LAST_PLANS),
      ]);
      const isIt = (row: { readonly function: string }): boolean =>
        row.function === name || row.function.endsWith(`/${name}`);
      const now = functions.find(isIt);
      const decisions = plans.flatMap((plan) => decisionOf(plan, isIt));
      if (!now && decisions.length === 0) {
        throw new PlatformError('not_found', `No plan has looked at ${name} yet`, {
          hint: 'presage placement plan --dry-run makes one; functions that nobody calls are left out.',
        });
      }
      await output.item({ now: now ?? null, decisions }, async () => {
        const fields = now ? output.fields([['On', now.nodes.join(', ') || 'no node yet'], ['Users', now.users && `p99 ${showMs(now.users.p99Ms)}, mean ${showMs(now.users.meanMs)} away`]]) : ''; // prettier-ignore
        const costs = now ? await costTable(output, [['now', now.costs]]) : '';
        const last = await output.table(decisions.slice(0, 10), [
          ['PLAN', (row) => row.at],
          ['DECIDED', (row) => row.decided],
          ['BECAUSE', (row) => row.reason],
          ['OUTCOME', (row) => row.outcome],
        ]);
        return [fields, costs, ...(decisions.length > 0 ? [last] : [])].filter((text) => text !== '').join('\n\n');
      });
    });
}

interface Decision {
  readonly at: string;
  readonly decided: string;
  readonly reason: string;
  readonly outcome: string | null;
}

/** What a plan says of one function. */
function decisionOf(plan: PlacementPlanResource, isIt: (row: { readonly function: string }) => boolean): Decision[] {
  const outcome = plan.outcomes?.find(isIt);
  const told = outcome
    ? `${outcome.state}${outcome.error === null ? '' : `: ${outcome.error}`}`
    : plan.dryRun
      ? 'dry run'
      : null;
  const move = plan.moves.find(isIt);
  if (move) {
    const decided = `${move.from.join(', ') || 'nowhere'} → ${move.to.join(', ')}`;
    return [{ at: plan.at, decided, reason: move.reason, outcome: told }];
  }
  const held = plan.held.find(isIt);
  return held ? [{ at: plan.at, decided: `stays, not ${held.to.join(', ')}`, reason: held.reason, outcome: null }] : [];
}

async function planText(output: CommandContext['output'], plan: PlacementPlanResource): Promise<string> {
  const { costs, moves, held, replicas, notes, outcomes } = plan;
  const parts = [`${plan.verdict}: ${plan.reason}`];
  if (costs) {
    const rows: [string, Readonly<Record<CostTerm, number>>][] = [['now', costs.before], ['after the moves', costs.after]]; // prettier-ignore
    parts.push(await costTable(output, costs.best ? [...rows, ['the best found', costs.best]] : rows));
  }
  if (moves.length > 0) {
    parts.push(
      await output.table(moves, [
        ['MOVE', (row) => row.function],
        ['FROM', (row) => row.from.join(', ')],
        ['TO', (row) => row.to.join(', ')],
        ['SAVES', (row) => showSaving(row.savesPerHour)],
        ['OUTCOME', (row) => outcomes?.find((outcome) => outcome.function === row.function)?.state],
        ['BECAUSE', (row) => row.reason],
      ]),
    );
  }
  if (held.length > 0) {
    parts.push(
      await output.table(held, [
        ['STAYS', (row) => row.function],
        ['NOT ON', (row) => row.to.join(', ')],
        ['BECAUSE', (row) => row.reason],
      ]),
    );
  }
  for (const { function: id, nodes, p99Ms, singleNode, singleP99Ms } of replicas) {
    parts.push(
      `${id} on ${nodes.join(', ')}: users’ p99 ${showMs(p99Ms)}; on ${singleNode} alone ${showMs(singleP99Ms)}`,
    );
  }
  return [...parts, ...notes].join('\n\n');
}

function costTable(
  output: CommandContext['output'],
  rows: readonly (readonly [name: string, costs: Readonly<Record<CostTerm, number>>])[],
): Promise<string> {
  return output.table(rows, [
    ['COST AN HOUR', ([name]) => name],
    ...COST_TERMS.map((term): Column<(typeof rows)[number]> => [
      term.toUpperCase(),
      ([, costs]) => showPrice(costs[term]),
    ]),
    ['ALL', ([, costs]) => showPrice(COST_TERMS.reduce((sum, term) => sum + costs[term], 0))],
  ]);
}

function showSaving(microDollars: number): string {
  return microDollars < 0 ? `-${showPrice(-microDollars)}` : showPrice(microDollars);
}
