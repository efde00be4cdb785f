import type { Command } from 'commander';
import { ApiClient } from './api-client';
import { findClientConfig, type ClientFlags } from './client-config';
import { Output, type OutputFormat } from './output';
import type { Terminal } from './terminal';

interface GlobalOptions extends ClientFlags {
  readonly output: OutputFormat;
  readonly quiet?: boolean;
}

/** What every command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly output: Output;
  /** Looks for the platform's address only when it is needed. */
  readonly api: ApiClient;
  /** Ends the program with status 1 although nothing was thrown. */
  failed(): void;
}

/** Gives an action its context, by the global options of the command line. */
export type ContextOf = (command: Command) => CommandContext;

export function contextMaker(terminal: Terminal, failed: () => void): ContextOf {
  return (command) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    let api: ApiClient | undefined;
    return {
      terminal,
      output: new Output(terminal, options.output, options.quiet === true),
      get api() {
        return (api ??= new ApiClient(findClientConfig(terminal, options)));
      },
      failed,
    };
  };
}

/** The path of a function's resource. */
export function functionPath(name: string, rest = ''): string {
  return `/v1/functions/${encodeURIComponent(name)}${rest}`;
}
