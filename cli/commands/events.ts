import { InvalidArgumentError } from 'commander';
import type { EventResource } from '../api-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { limitOption } from '../list-verb';
import { lossNotes } from '../loss-notes';
import { safeText } from '../safe-text';
import type { Verb } from '../verb';

interface EventOptions {
  readonly follow?: boolean;
  readonly types?: string;
  readonly function?: string;
  readonly node?: string;
  readonly all?: boolean;
  readonly limit: number;
  readonly after?: string;
}

/** Most rows that a stream shows of the past. */
const TAIL = 1_000;

export function addEvents(program: Verb, contextOf: ContextOf): void {
  program
    .command('events')
    .description('what the platform did: starts, deployments, moves, alerts; the newest last')
    .option('-f, --follow', 'go on with new events as they come, each a line')
    .option('--types <types>', 'only these, by commas, e.g. deployment.succeeded,instance.ended')
    .option('--function <function>', 'only of this function')
    .option('--node <node>', 'only of this node')
    .option('--all', 'of every tenant and of the platform itself, for platform operators')
    .addOption(limitOption())
    .option('--after <id>', 'with --follow: all events after this one, e.g. the last that was seen', idOption)
    .calls('GET /v1/events')
    .example(
      'presage events --types deployment.succeeded,deployment.failed',
      'presage events --follow --function hello -o json',
    )
    .action(async (options: EventOptions, command: Verb) => {
      const context = contextOf(command);
      const { types, all, limit } = options;
      const filter = { types, all };
      if (options.follow) return follow(context, options);
      const events = await newest(context, filter, options, limit);
      if (context.output.format !== 'table') return context.output.item(events, () => '');
      for (const event of events) context.output.line(render(context, event));
      if (events.length === 0) context.output.note('There are no such events');
    });
}

/** The newest that fit, the oldest of them first. */
async function newest(
  { api }: CommandContext,
  filter: { types?: string | undefined; all?: boolean | undefined },
  wanted: EventOptions,
  limit: number,
): Promise<EventResource[]> {
  // What the platform cannot leave out is left out here, of as many as a page may have.
  const narrow = wanted.function !== undefined || wanted.node !== undefined;
  const found = await api.list<EventResource>('/v1/events', filter, narrow ? TAIL : limit);
  return found.filter((event) => fits(event, wanted)).slice(0, limit).reverse(); // prettier-ignore
}

/** Goes on until the user has had enough; a lost connection is taken up after the last event. */
async function follow(context: CommandContext, options: EventOptions): Promise<void> {
  const { api, output, terminal } = context;
  const { types, all, limit, after } = options;
  const query = { types, all, tail: after === undefined ? Math.min(limit, TAIL) : undefined };
  for await (const { data } of api.follow('/v1/events', query, terminal.stopped, { after, ...lossNotes(output) })) {
    const event = JSON.parse(data) as EventResource;
    if (!fits(event, options)) continue;
    // One line of JSON each, whatever the format: a stream has no end that could close a list.
    output.line(output.format === 'table' ? render(context, event) : JSON.stringify(event));
  }
}

function fits(event: EventResource, wanted: EventOptions): boolean {
  return (
    (wanted.function === undefined || event.function === wanted.function) &&
    (wanted.node === undefined || event.node === wanted.node)
  );
}

function render({ output }: CommandContext, event: EventResource): string {
  const bad = /fail|lost|refused|exhausted|error/.test(event.type);
  const where = [event.function, event.node && `on ${event.node}`].filter(Boolean).join(' ');
  const data = Object.entries(event.data).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const head = `${output.colour('dim', event.at)} ${output.colour(bad ? 'red' : 'cyan', event.type)}`;
  return [head, where, safeText(output.colour('dim', data.join(' ')))].filter((part) => part !== '').join('  ');
}

function idOption(text: string): string {
  if (/^[\w.:-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the "id" of an event, as -o json shows it.');
}
