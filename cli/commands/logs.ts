import type { LogResource } from '../api-resources';
import { lossNotes } from '../loss-notes';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { safeText } from '../safe-text';
import { countOption, timeOption } from '../option-values';
import type { Verb } from '../verb';

interface LogOptions {
  readonly follow?: boolean;
  readonly invocation?: string;
  readonly since?: string;
  readonly tail: number;
}

export function addLogs(program: Verb, contextOf: ContextOf): void {
  program
    .command('logs')
    .description('what a function wrote')
    .argument('<function>', 'the function')
    .option('-f, --follow', 'go on with new lines as they come')
    .option('--invocation <id>', 'only what this invocation wrote')
    .option('--since <time>', 'all lines since a time or for how long, e.g. 10m', timeOption)
    .option('--tail <lines>', 'how many of the last lines', countOption, 100)
    .calls('GET /v1/functions/{name}/logs', 'GET /v1/invocations/{id}/logs')
    .example('presage logs hello --since 10m', 'presage logs hello --follow', 'presage logs hello --invocation 01JABC')
    .action(async (name: string, options: LogOptions, command: Verb) => {
      const context = contextOf(command);
      const { output } = context;
      if (options.follow) return followLogs(context, name, options);
      const lines = await pastLines(context, name, options);
      if (output.format !== 'table') return output.item(lines, () => '');
      for (const line of lines) output.line(render(context, line));
      if (lines.length === 0) output.note('There are no lines');
    });
}

async function pastLines({ api }: CommandContext, name: string, options: LogOptions): Promise<LogResource[]> {
  if (options.invocation !== undefined) {
    return api.list<LogResource>(`/v1/invocations/${encodeURIComponent(options.invocation)}/logs`);
  }
  const path = functionPath(name, '/logs');
  if (options.since !== undefined) return api.list<LogResource>(path, { since: options.since, order: 'oldest' });
  return (await api.list<LogResource>(path, { order: 'newest' }, options.tail)).reverse();
}

async function followLogs(context: CommandContext, name: string, options: LogOptions): Promise<void> {
  const { api, output, terminal } = context;
  // Where the stream begins is where the past ends: the lines of the past come by the stream itself.
  const query = { tail: Math.min(options.tail, 1000), since: options.since };
  for await (const event of api.follow(functionPath(name, '/logs'), query, terminal.stopped, lossNotes(output))) {
    const line = JSON.parse(event.data) as LogResource;
    if (options.invocation !== undefined && line.invocation !== options.invocation) continue;
    // One line of JSON each, whatever the format: a stream has no end that could close a list.
    output.line(output.format === 'table' ? render(context, line) : JSON.stringify(line));
  }
}

/** Time, instance, and the text; stderr and the platform's own lines stand out. */
function render({ output }: CommandContext, line: LogResource): string {
  const head = output.colour('dim', `${line.at} ${line.instance.slice(0, 8)}`);
  const text = safeText(line.text.trimEnd());
  if (line.stream === 'platform') return `${head} ${output.colour('cyan', `[platform] ${text}`)}`;
  return `${head} ${line.stream === 'stderr' ? output.colour('yellow', text) : text}`;
}
