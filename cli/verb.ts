import { Command, CommanderError, type Argument, type Option } from 'commander';

/** An operation of the control API: `METHOD /path/{parameter}`, as its OpenAPI document has it. */
export type Operation = `${'GET' | 'PUT' | 'POST' | 'DELETE'} /${string}`;

/** Mistakes of a command line after which the rest of it is still read, so that all are told at once. */
const TOLD_TOGETHER = [
  'commander.invalidArgument',
  'commander.missingArgument',
  'commander.optionMissingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.conflictingOption',
  'commander.unknownOption',
  'commander.excessArguments',
];

/**
 * A command that says of itself which operations it calls and how it is used; help, reference and completion come out of
 * that. Mistakes gather in `mistakes`, one list for the whole program.
 */
export class Verb extends Command {
  readonly operations: Operation[] = [];
  /** Command lines as they would be typed. */
  readonly examples: string[] = [];

  constructor(
    name?: string,
    readonly mistakes: string[] = [],
  ) {
    super(name);
    const fail = this.error.bind(this);
    this.error = ((message, options) => {
      if (!TOLD_TOGETHER.includes(options?.code ?? '')) fail(message, options);
      // What follows an unknown option may be its value: that it is one too many says nothing.
      const follows = options?.code === 'commander.excessArguments' && this.mistakes.length > 0;
      if (!follows) this.mistakes.push(message);
    }) as Command['error'];
  }

  override createCommand(name?: string): Verb {
    return new Verb(name, this.mistakes);
  }

  /** Every operation that it may call, and no other: a test watches it. */
  calls(...operations: Operation[]): this {
    this.operations.push(...operations);
    return this;
  }

  /** A line that works, on its own or after those before it. */
  example(...lines: string[]): this {
    this.examples.push(...lines);
    return this;
  }

  override addOption(option: Option): this {
    gathering(option, `option '${option.flags}' argument`, this.mistakes);
    return super.addOption(option);
  }

  override addArgument(argument: Argument): this {
    gathering(argument, `argument '${argument.name()}' value`, this.mistakes);
    return super.addArgument(argument);
  }
}

/** Has what a parser throws at a value told with the other mistakes. */
function gathering(target: Option | Argument, what: string, mistakes: string[]): void {
  const { parseArg } = target;
  if (!parseArg) return;
  target.parseArg = <T>(value: string, previous: T): T => {
    // Commander parses what is missing, too.
    if (typeof value !== 'string') return previous;
    try {
      return parseArg.call(target, value, previous) as T;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      mistakes.push(`error: ${what} '${value}' is invalid. ${error.message}`);
      return previous;
    }
  };
}

/** The words that lead to a verb from the program, without the program's own name: `budget set`. */
export function nameOf(verb: Command): string {
  return verb.parent === null ? '' : `${nameOf(verb.parent)} ${verb.name()}`.trim();
}

/** Verbs that do something, in the order of the program; groups are left out, and what is hidden. */
export function verbsOf(program: Verb): readonly Verb[] {
  const children = program.createHelp().visibleCommands(program) as Verb[];
  return children.length === 0 ? [program] : children.flatMap((child) => verbsOf(child));
}
