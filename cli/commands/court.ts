import type { CourtCaseResource, PolicyReportResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { followCase } from '../follow-job';
import { durationTextOption, timeOption } from '../option-values';
import { showMs, showPrice } from '../quantities';
import type { Verb } from '../verb';

interface CourtOptions {
  readonly window?: string;
  readonly until?: string;
  readonly policies?: string;
  readonly functions?: string;
}

export function addCourt(program: Verb, contextOf: ContextOf): void {
  program
    .command('court')
    .description('replay what was recorded under other policies, side by side')
    .option('--window <duration>', 'how long; default 1h', durationTextOption)
    .option('--until <time>', 'end of the window; default: now', timeOption)
    .option(
      '--policies <names>',
      'comma-separated, e.g. presage,hybrid-histogram:4h,fixed:10m; default: those on trial',
    )
    .option('--functions <functions>', 'comma-separated; default: all of the tenant')
    .calls('POST /v1/warming/court', 'GET /v1/warming/court/{id}')
    .example('presage court --window 24h --policies presage,hybrid-histogram:4h,fixed:10m')
    .action(async ({ window, until, policies, functions }: CourtOptions, command: Verb) => {
      const context = contextOf(command);
      const { api, output } = context;
      const json = {
        ...(window === undefined ? {} : { window }),
        ...(until === undefined ? {} : { until }),
        ...(policies === undefined ? {} : { policies: listed(policies) }),
        ...(functions === undefined ? {} : { functions: listed(functions) }),
      };
      const { id } = await api.send<{ id: string }>('POST', '/v1/warming/court', { json });
      const told = { step: 'Replaying', failed: 'The window could not be judged', code: 'invalid_argument' } as const;
      const found = await followCase<CourtCaseResource>(context, `/v1/warming/court/${id}`, told);
      await output.item(found, () => shown({ output }, found));
    });
}

async function shown({ output }: Pick<CommandContext, 'output'>, { result }: CourtCaseResource): Promise<string> {
  if (!result) return 'Nothing came of it';
  const cheapest = Math.min(...result.policies.map(({ price }) => price.total));
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const idle = ({ memoryGbSeconds: { running = 0, frozen = 0, starting = 0 } }: PolicyReportResource): number =>
    running + frozen + starting;
  const table = await output.table(result.policies, [
    ['POLICY', ({ policy }) => policy],
    ['CALLS', ({ calls }) => calls],
    ['COLD', ({ coldShare }) => percent(coldShare)],
    ['OF FUNCTIONS', ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.mean)],
    ['P75', ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.p75)],
    ['WAIT P50', ({ waitP50Ms }) => showMs(waitP50Ms)],
    ['WAIT P99', ({ waitP99Ms }) => showMs(waitP99Ms)],
    ['IDLE GB·s', (report) => idle(report).toPrecision(4)],
    ['PRICE', ({ price }) => showPrice(price.total)],
    ['', ({ price }) => (price.total === cheapest ? '←' : '')],
  ]);
  const window = `${result.from.slice(0, 16)} to ${result.to.slice(0, 16)}`;
  return `${output.colour('dim', `${window}; cold: found no instance; price: of idle memory and of waiting`)}\n${table}`;
}

function listed(text: string): string[] {
  return text.split(',').map((name) => name.trim()).filter(Boolean); // prettier-ignore
}
