import { Option } from 'commander';
import { START_KINDS } from '../../core/start/start';
import { FOUND, startStory, timeSlices } from '../../core/start/start-story';
import type { InvocationResource } from '../api-resources';
import type { InvocationCostResource } from '../cost-resources';
import type { StartExplanationResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { costStory, restStory } from '../explain-invocation';
import { limitOption, listVerb } from '../list-verb';
import { showBytes, showMs, showPrice } from '../quantities';
import type { Verb } from '../verb';

const BAR = 24;

export function addInvocations(program: Verb, contextOf: ContextOf): void {
  const invocations = program.command('invocations').description('what was called, and where the time went');

  listVerb<InvocationResource>(
    invocations
      .command('list')
      .alias('ls')
      .description('invocations, newest first')
      .option('--function <function>', 'only of this function')
      .addOption(new Option('--kind <kind>', 'only of this start kind').choices(START_KINDS))
      .addOption(new Option('--status <status>', 'only those that went well, or not').choices(['ok', 'error']))
      .addOption(limitOption())
      .example('presage invocations list --function hello --status error'),
    contextOf,
    'GET /v1/invocations',
    {
      columns: [
        ['ID', (row) => row.id],
        ['AT', (row) => row.at],
        ['FUNCTION', (row) => row.function],
        ['STATUS', (row) => `${row.status}${row.errorCode ? ` ${row.errorCode}` : ''}`],
        ['START', (row) => row.kind],
        ['CAUSE', (row) => row.cause],
        ['QUEUE', (row) => showMs(row.queueMs)],
        ['BEGIN', (row) => showMs(row.startMs)],
        ['EXECUTE', (row) => showMs(row.executeMs)],
        ['TOTAL', (row) => showMs(row.totalMs)],
      ],
      none: 'There are no invocations',
    },
  );

  for (const parent of [invocations, program]) {
    parent
      .command('explain')
      .description('where each millisecond of an invocation went, why, and what would have kept an instance warm')
      .argument('<id>', 'the id in x-request-id of the answer')
      .calls('GET /v1/invocations/{id}', 'GET /v1/invocations/{id}/explanation', 'GET /v1/invocations/{id}/cost')
      .example(`presage ${parent === program ? '' : 'invocations '}explain 01JABC`)
      .action(async (id: string, _options: object, command: Verb) => {
        const context = contextOf(command);
        const path = `/v1/invocations/${encodeURIComponent(id)}`;
        const [invocation, start, cost] = await Promise.all([
          context.api.get<InvocationResource>(path),
          context.api.get<StartExplanationResource>(`${path}/explanation`),
          context.api.get<InvocationCostResource>(`${path}/cost`),
        ]);
        await context.output.item({ ...invocation, start, cost }, () => explain(context, invocation, start, cost));
      });
  }
}

async function explain(
  { output }: CommandContext,
  invocation: InvocationResource,
  start: StartExplanationResource,
  cost: InvocationCostResource,
): Promise<string> {
  const { totalMs } = invocation;
  const slices = timeSlices(invocation);
  const longest = Math.max(...slices.map(({ ms }) => ms), 0);
  const table = await output.table(
    [...slices, { what: output.colour('bold', 'in all'), ms: totalMs }],
    [
      ['WHERE THE TIME WENT', ({ what }) => what],
      ['TIME', ({ ms }) => showMs(ms)],
      ['SHARE', ({ ms }) => `${totalMs > 0 ? Math.round((ms / totalMs) * 100) : 0} %`],
      [
        '',
        ({ ms }) =>
          ms === totalMs && slices.length > 1 ? '' : '▇'.repeat(longest > 0 ? Math.round((ms / longest) * BAR) : 0),
      ],
    ],
  );
  const facts = output.fields([
    ['Invocation', invocation.id],
    ['Request', `${invocation.method} ${invocation.path}`],
    ['Answer', `${invocation.status}${invocation.errorCode ? ` ${invocation.errorCode}` : ''}`],
    ['At', invocation.at],
    ['From', invocation.caller ?? (invocation.userRegion && `a user in ${invocation.userRegion}`)],
    ['Function', `${invocation.function}${invocation.revision === null ? '' : `, revision ${invocation.revision}`}`],
    ['Instance', invocation.instance && `${invocation.instance} on ${invocation.node ?? 'an unknown node'}`],
    ['Start', startStory(invocation)],
    ['First byte', invocation.firstByteMs === null ? 'never' : `after ${showMs(invocation.firstByteMs)}`],
    ['CPU', invocation.cpuMicros === null ? 'not measured' : showMs(invocation.cpuMicros / 1000)],
    ['Memory', `${(invocation.memoryByteMs / 2 ** 30 / 1000).toPrecision(3)} GiB·s`],
    ['Bytes', `${showBytes(invocation.bytesIn)} in, ${showBytes(invocation.bytesOut)} out`],
    ['Cost', costStory(cost)],
  ]);
  if (invocation.kind === null || invocation.kind === 'hot') return `${facts}\n\n${table}`;
  const kept = await output.table(
    [
      ...start.rungs.map(({ rung, price, delayMs }) => ({
        what: `kept ${rung}`,
        price,
        found: `${showMs(delayMs)} to wait`,
      })),
      ...start.policies.map(({ policy, rung, price }) => ({ what: policy, price, found: FOUND[rung] })),
    ],
    [
      ['WHAT WOULD HAVE KEPT IT WARM', ({ what }) => what],
      ['FOR', ({ price }) => showPrice(price)],
      ['IT HAD FOUND', ({ found }) => found],
    ],
  );
  return `${facts}\n\n${table}\n\n${restStory(start)}\n${kept}`;
}
