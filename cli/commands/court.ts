import type { CourtCaseResource, CourtSummaryResource, PolicyReportResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { followCase } from '../follow-job';
import { listVerb } from '../list-verb';
import { showMs, showPrice } from '../quantities';
import type { Verb } from '../verb';

interface CourtOptions {
  readonly window?: string;
  readonly until?: string;
  readonly policies?: string;
  readonly functions?: string;
}

export function addCourt(program: Verb, contextOf: ContextOf): void {
  const court = program.command('court').description('what other policies had done with what was recorded');
  court
    .command('run', { isDefault: true })
    .description('replay what was recorded under other policies, side by side')
    .option('--window <duration>', 'how long; default 1h')
    .option('--until <time>', 'end of the window, RFC 3339; default: now')
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
      const found = await judged(context, id);
      await output.item(found, () => shown(context, found));
    });

  listVerb<CourtSummaryResource>(
    court.command('list').alias('ls').description('cases so far, newest first').example('presage court ls'),
    contextOf,
    'GET /v1/warming/court',
    {
      whole: true,
      columns: [
        ['CASE', (row) => row.id],
        ['STATE', (row) => row.state],
        ['STARTED', (row) => row.startedAt],
        ['ENDED', (row) => row.endedAt],
      ],
      none: 'No case yet: presage court --window 24h --policies presage,fixed:10m',
    },
  );

  court
    .command('show')
    .description('one case: what the policies had cost')
    .argument('<id>', 'as presage court ls shows it')
    .calls('GET /v1/warming/court/{id}')
    .example('presage court show 01JABC')
    .action(async (id: string, _options: object, command: Verb) => {
      const context = contextOf(command);
      const found = await judged(context, id);
      await context.output.item(found, () => shown(context, found));
    });
}

/** Waits for the end of a case. @throws PlatformError invalid_argument: why it could not be judged */
function judged(context: CommandContext, id: string): Promise<CourtCaseResource> {
  const told = { step: 'Replaying', failed: 'The window could not be judged', code: 'invalid_argument' } as const;
  return followCase<CourtCaseResource>(context, `/v1/warming/court/${encodeURIComponent(id)}`, told);
}

async function shown({ output }: CommandContext, { result }: CourtCaseResource): Promise<string> {
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
