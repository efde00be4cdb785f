import type { Command } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import type { CourtCaseResource, CourtSummaryResource, PolicyReportResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { showMs, showPrice } from '../quantities';

const LOOK_MS = 500;

interface CourtOptions {
  readonly window?: string;
  readonly until?: string;
  readonly policies?: string;
  readonly functions?: string;
}

export function addCourt(program: Command, contextOf: ContextOf): void {
  const court = program
    .command('court')
    .description('replay what was recorded under other policies, side by side')
    .option('--window <duration>', 'how long; default 1h')
    .option('--until <time>', 'end of the window, RFC 3339; default: now')
    .option(
      '--policies <names>',
      'comma-separated, e.g. presage,hybrid-histogram:4h,fixed:10m; default: those on trial',
    )
    .option('--functions <names>', 'comma-separated; default: all of the tenant')
    .action(async ({ window, until, policies, functions }: CourtOptions, command: Command) => {
      const { api, output } = contextOf(command);
      const json = {
        ...(window === undefined ? {} : { window }),
        ...(until === undefined ? {} : { until }),
        ...(policies === undefined ? {} : { policies: listed(policies) }),
        ...(functions === undefined ? {} : { functions: listed(functions) }),
      };
      const { id } = await api.send<{ id: string }>('POST', '/v1/warming/court', { json });
      const found = await ended({ api, output }, id);
      await output.item(found, () => shown({ output }, found));
    });

  court
    .command('ls')
    .description('cases so far, newest first')
    .action(async (_options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const { items } = await api.get<{ items: readonly CourtSummaryResource[] }>('/v1/warming/court');
      await output.list(
        items,
        [
          ['CASE', (row) => row.id],
          ['STATE', (row) => row.state],
          ['STARTED', (row) => row.startedAt],
          ['ENDED', (row) => row.endedAt],
        ],
        'No case yet: presage court --window 24h --policies presage,fixed:10m',
      );
    });

  court
    .command('show')
    .description('one case: what the policies had cost')
    .argument('<id>', 'the case')
    .action(async (id: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const found = await ended({ api, output }, id);
      await output.item(found, () => shown({ output }, found));
    });
}

/** Waits for the end of a case. @throws PlatformError invalid_argument, internal: why it could not be judged */
async function ended({ api, output }: Pick<CommandContext, 'api' | 'output'>, id: string): Promise<CourtCaseResource> {
  output.note('Replaying…');
  for (;;) {
    const found = await api.get<CourtCaseResource>(`/v1/warming/court/${encodeURIComponent(id)}`);
    if (found.state === 'done') return found;
    if (found.state === 'failed') {
      throw new PlatformError(
        'invalid_argument',
        `The window could not be judged: ${found.error ?? 'no reason is known'}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
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
