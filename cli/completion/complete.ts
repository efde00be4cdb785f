import type { Command, Option } from 'commander';

/** A word that may stand at the cursor, and what it means. */
export interface Suggestion {
  readonly word: string;
  readonly meaning: string;
}

/** What may stand at the cursor: words that are known, and the kind of name that only the platform knows. */
export interface Completion {
  readonly words: readonly Suggestion[];
  /** Placeholder of an argument or option, e.g. `function`; null: none. */
  readonly kind: string | null;
}

/**
 * What may stand in place of the last of `words`, which are those behind the program's name up to the cursor. What does
 * not begin as the last word does is left out.
 */
export function complete(program: Command, words: readonly string[]): Completion {
  const begun = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  let at = program;
  let place = 0;
  let open: Option | undefined;
  for (const word of begun) {
    if (open) open = undefined;
    else if (word.startsWith('-')) {
      const option = optionsOf(at).find(({ short, long }) => word === short || word === long);
      if (option && (option.required || option.optional)) open = option;
    } else {
      const child = place === 0 ? childOf(at, word) : undefined;
      if (child) at = child;
      else place += 1;
    }
  }
  const fitting = (suggestions: readonly Suggestion[]): Suggestion[] =>
    suggestions.filter(({ word }) => word.startsWith(last));
  if (open) return { words: fitting(choices(open.argChoices)), kind: placeholderOf(open.flags) };
  if (last.startsWith('-')) {
    const options = optionsOf(at).filter((option) => !option.hidden);
    return { words: fitting(options.map((option) => ({ word: option.long ?? option.flags, meaning: option.description }))), kind: null }; // prettier-ignore
  }
  const help = at.createHelp();
  const children = place > 0 ? [] : help.visibleCommands(at).map((child) => ({ word: child.name(), meaning: child.description() })); // prettier-ignore
  const argument = at.registeredArguments[Math.min(place, at.registeredArguments.length - 1)];
  const beyond = argument !== undefined && !argument.variadic && place >= at.registeredArguments.length;
  if (argument === undefined || beyond) return { words: fitting(children), kind: null };
  return {
    words: fitting([...children, ...choices(argument.argChoices)]),
    kind: placeholderOf(`<${argument.name()}>`),
  };
}

function choices(words: readonly string[] | undefined): readonly Suggestion[] {
  return (words ?? []).map((word) => ({ word, meaning: '' }));
}

function childOf(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

/** Of a command and all above it. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...(command.parent ? optionsOf(command.parent) : [])];
}

/** `--function <function>` → function, `[functions...]` → function; null: takes no value. */
function placeholderOf(flags: string): string | null {
  return /[<[]([\w-]+?)s?(\.\.\.)?[>\]]/.exec(flags)?.[1] ?? null;
}
