import type { CommandContext, ContextOf } from './command-context';
import { confirm } from './confirm';
import { filledPath } from './operation-path';
import type { Operation, Verb } from './verb';

interface Removal {
  /** Asked before, unless `--yes` is given; absent: it can be made again and is not asked for. */
  readonly ask?: (name: string) => string;
  /** Said when it is done, of what the last argument names. */
  readonly told: (name: string, ...others: string[]) => string;
  /** What would go, for `--dry-run`: facts for programs, and as text for people. Changes nothing, but finds what does not exist. */
  readonly look?: (context: CommandContext, names: readonly string[]) => Promise<{ facts: object; text: string }>;
}

/** Has a verb remove what its arguments name, and adds `--yes` and `--dry-run` where that is worth a question. */
export function removeVerb(
  verb: Verb,
  contextOf: ContextOf,
  operation: Operation & `DELETE ${string}`,
  { ask, told, look }: Removal,
): void {
  if (ask) verb.option('-y, --yes', 'do not ask');
  if (look) verb.option('--dry-run', 'tell what would go, and change nothing');
  verb.calls(operation).action(async () => {
    const context = contextOf(verb);
    const { yes, dryRun } = verb.opts<{ yes?: boolean; dryRun?: boolean }>();
    const names = verb.processedArgs as string[];
    const [name = ''] = names;
    if (dryRun && look) {
      const { facts, text } = await look(context, names);
      return context.output.dryRun(facts, text);
    }
    if (ask && !yes) await confirm(context.terminal, ask(name));
    const { method, path } = filledPath(operation, verb);
    await context.api.send(method, path);
    const [first = '', ...others] = names;
    await context.output.done({ deleted: names.at(-1) }, told(first, ...others));
  });
}
