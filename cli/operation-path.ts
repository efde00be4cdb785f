import type { Operation, Verb } from './verb';

/** Method and path of an operation, its placeholders filled by the arguments of the command line, and what arguments are left. */
export function filledPath(
  operation: Operation,
  verb: Verb,
): { method: string; path: string; rest: Readonly<Record<string, string | undefined>> } {
  // prettier-ignore
  const [method = '', template = ''] = operation.split(' ', 2);
  const rest: Record<string, string | undefined> = {};
  let path = template;
  verb.registeredArguments.forEach((argument, index) => {
    const value = verb.processedArgs[index] as string | undefined;
    const [place] = /\{\w+\}/.exec(path) ?? [];
    if (place === undefined) rest[argument.name()] = value;
    else path = path.replace(place, encodeURIComponent(value ?? ''));
  });
  return { method, path, rest };
}
