import { InvalidArgumentError } from 'commander';
import { policyOf } from '../../core/warming/policies/policy-of';
import { challenge, putLive } from '../../core/warming/policy-trial';
import type { WarmingResource } from '../warming-resources';
import type { CommandContext, ContextOf } from '../command-context';
import type { Verb } from '../verb';

const MICRO = 1e6;

export function addWarming(program: Verb, contextOf: ContextOf): void {
  const warming = program.command('warming').description('which policy keeps functions warm');

  warming
    .command('show', { isDefault: true })
    .description('the policy in force, its rivals, and how the last windows were judged')
    .calls('GET /v1/warming')
    .example('presage warming')
    .action(async (_options: object, command: Verb) => {
      const context = contextOf(command);
      await shown(context, await context.api.get<WarmingResource>('/v1/warming'));
    });

  for (const [word, description, example, wish] of [
    [
      'use',
      'put a policy in force; the one before comes back if a window goes against it',
      'fixed:10m',
      (live: string) => ({ live }),
    ],
    [
      'challenge',
      'let a policy run in shadow; it takes over once it wins a window',
      'hybrid-histogram:4h',
      (challenger: string) => ({ challenger }),
    ],
    ['withdraw', 'end the challenge', null, () => ({ challenger: null })],
  ] as const) {
    const verb = warming
      .command(word)
      .description(description)
      .option('--dry-run', 'tell what would change, and change nothing')
      .calls('PUT /v1/warming', 'GET /v1/warming')
      .example(
        `presage warming ${word} ${example ?? ''}`.trim(),
        `presage warming ${word} ${example ?? ''} --dry-run`.replace(/ +/g, ' '),
      );
    if (example !== null)
      verb.argument('<policy>', 'presage, fixed:10m, hybrid-histogram:4h, greedy-dual, seed or none', policyArgument);
    verb.action(async () => {
      const context = contextOf(verb);
      const change = wish(String(verb.processedArgs[0]));
      if (verb.opts<{ dryRun?: boolean }>().dryRun) return wouldChange(context, change);
      await shown(context, await context.api.send<WarmingResource>('PUT', '/v1/warming', { json: change }));
    });
  }
}

interface Change {
  readonly live?: string;
  readonly challenger?: string | null;
}

async function wouldChange({ api, output }: CommandContext, { live, challenger }: Change): Promise<void> {
  const { generation, live: now, challenger: rival, previous, probation, reverted } = await api.get<WarmingResource>('/v1/warming'); // prettier-ignore
  const before = { live: now, challenger: rival, previous, probation, reverted };
  const after = live === undefined ? challenge(before, challenger ?? null) : putLive(before, live);
  const text = output.fields([
    ['In force', changed(before.live, after.live)],
    ['Challenged by', changed(before.challenger, after.challenger)],
    ['Comes back if it loses', changed(before.previous, after.previous)],
  ]);
  await output.dryRun({ generation, before, after }, text);
}

function changed(before: string | null, after: string | null): string {
  return before === after ? (after ?? '-') : `${before ?? '-'} → ${after ?? '-'}`;
}

/** The name of a policy, checked here as the platform checks it. */
function policyArgument(text: string): string {
  try {
    policyOf(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function shown({ output }: CommandContext, found: WarmingResource): Promise<void> {
  await output.item(found, async () => {
    const { live, challenger, previous, probation, reverted, verdicts } = found;
    const fields = output.fields([
      ['In force', live],
      ['Challenged by', challenger],
      ['Comes back if it loses', previous && `${previous}, for ${probation} more windows`],
      ['Lost before', reverted.join(', ')],
    ]);
    if (verdicts.length === 0) return fields;
    const table = await output.table(verdicts, [
      ['WINDOW', ({ from, to }) => `${from.slice(0, 16)} to ${to.slice(11, 16)}`],
      ['VERDICT', ({ decision }) => decision],
      [
        'PRICES',
        ({ prices }) => prices.map(({ policy, price }) => `${policy} $${(price / MICRO).toPrecision(3)}`).join(', '),
      ],
      ['BECAUSE', ({ reason }) => reason],
    ]);
    return `${fields}\n\n${table}`;
  });
}
