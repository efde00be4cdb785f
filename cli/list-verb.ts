import { Option } from 'commander';
import type { CommandContext, ContextOf } from './command-context';
import { filledPath } from './operation-path';
import { countOption } from './option-values';
import type { Column } from './output';
import type { Operation, Verb } from './verb';

interface Listing<T> {
  readonly columns: readonly Column<T>[] | ((context: CommandContext) => readonly Column<T>[]);
  /** Said where there is nothing, of what the first argument names. */
  readonly none: string | ((name: string) => string);
  /** Is the answer the whole list, without pages? */
  readonly whole?: boolean;
}

/**
 * Has a verb show a list of the API: its arguments fill the path of `operation`; what is left of them, and its options,
 * are the query.
 */
export function listVerb<T>(
  verb: Verb,
  contextOf: ContextOf,
  operation: Operation & `GET ${string}`,
  { columns, none, whole = false }: Listing<T>,
): void {
  verb.calls(operation).action(async () => {
    const context = contextOf(verb);
    const { api, output } = context;
    const { limit, ...options } = verb.opts<{
      limit?: number;
      [name: string]: string | number | boolean | undefined;
    }>();
    const { path, rest } = filledPath(operation, verb);
    const query = { ...rest, ...options };
    const rows = whole
      ? (await api.get<{ items: readonly T[] }>(path, query)).items
      : await api.list<T>(path, query, limit);
    const nothing = typeof none === 'string' ? none : none(String(verb.processedArgs[0]));
    await output.list(rows, typeof columns === 'function' ? columns(context) : columns, nothing);
  });
}

/** `--limit`, the same wherever a list may be long. */
export function limitOption(count = 50): Option {
  return new Option('--limit <count>', 'how many at most').argParser(countOption).default(count);
}
