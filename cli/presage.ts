import { CommanderError, type Command } from 'commander';
import { isPlatformError, toPlatformError } from '../core/error/platform-error';
import { ApiClient } from './api-client';
import type { FunctionResource } from './api-resources';
import { findClientConfig, type ClientFlags } from './client-config';
import { EXIT, failureOf } from './exit-status';
import { makeProgram } from './program';
import { nearestName, showError } from './show-error';
import { processTerminal, type Terminal } from './terminal';
import { nameOf } from './verb';

/** Runs one command line. Resolves to the exit status, one of `EXIT`. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let status: number = EXIT.done;
  let running: Command | undefined;
  const program = makeProgram(terminal, () => (status = EXIT.failed));
  program.hook('preAction', (_program, command) => {
    running = command;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      if (error.code === 'presage.mistakes')
        terminal.stderr.write(`(presage help ${askedFor(program, argv)}tells more)\n`);
      return EXIT.usage;
    }
    showError(terminal, error, running && (await correction(terminal, argv, running, error)));
    return failureOf(toPlatformError(error).code).status;
  }
}

/** The words of a command line that name a verb, each with a space behind it. */
function askedFor(program: Command, argv: readonly string[]): string {
  let at = program;
  for (const word of argv) {
    at = at.commands.find((child) => child.name() === word || child.aliases().includes(word)) ?? at;
  }
  return at === program ? '' : `${nameOf(at)} `;
}

/** The command line that was probably meant, when it named a function that does not exist. */
async function correction(
  terminal: Terminal,
  argv: readonly string[],
  command: Command,
  error: unknown,
): Promise<string | undefined> {
  if (!isPlatformError(error) || (error.code !== 'function_not_found' && error.code !== 'not_found')) return undefined;
  const index = command.registeredArguments.findIndex((argument) => argument.name() === 'function');
  const wrong: unknown = command.processedArgs[index];
  if (typeof wrong !== 'string') return undefined;
  try {
    const api = new ApiClient(findClientConfig(terminal, command.optsWithGlobals<ClientFlags>()));
    const names = (await api.list<FunctionResource>('/v1/functions')).map(({ name }) => name);
    const near = names.includes(wrong) ? undefined : nearestName(wrong, names);
    return near && ['presage', ...argv.map((word) => (word === wrong ? near : word))].join(' ');
  } catch {
    // A suggestion is a kindness: without the list there is none.
    return undefined;
  }
}
