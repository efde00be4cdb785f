import { Command, CommanderError, Option } from 'commander';
import { isPlatformError } from '../core/error/platform-error';
import { ApiClient } from './api-client';
import type { FunctionResource } from './api-resources';
import { findClientConfig, type ClientFlags } from './client-config';
import { contextMaker } from './command-context';
import { addAliases } from './commands/aliases';
import { addAudit } from './commands/audit';
import { addAsync } from './commands/async';
import { addBudgets } from './commands/budgets';
import { addCheckpoints } from './commands/checkpoints';
import { addCourt } from './commands/court';
import { addDeploy } from './commands/deploy';
import { addForecast } from './commands/forecast';
import { addFunctions } from './commands/functions';
import { addHistory } from './commands/history';
import { addInit } from './commands/init';
import { addInvocations } from './commands/invocations';
import { addInvoke } from './commands/invoke';
import { addKeys } from './commands/keys';
import { addKubernetes } from './commands/kubernetes';
import { addLimits } from './commands/limits';
import { addLogs } from './commands/logs';
import { addMigration } from './commands/migration';
import { addNodes } from './commands/nodes';
import { addOverview } from './commands/overview';
import { addPlacementPlans } from './commands/placement-plans';
import { addPlatform } from './commands/platform';
import { addSecrets } from './commands/secrets';
import { addTraffic } from './commands/traffic';
import { addTriggers } from './commands/triggers';
import { addCost } from './commands/cost';
import { addWarming } from './commands/warming';
import { addWarmth } from './commands/warmth';
import { addWorkflows } from './commands/workflows';
import { OUTPUT_FORMATS } from './output';
import { nearestName, showError } from './show-error';
import { processTerminal, type Terminal } from './terminal';

const FAILED = 1;
const USAGE = 2;

/** Runs one command line. Resolves to the exit status: 0 done, 1 failed, 2 not understood. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let status = 0;
  let running: Command | undefined;
  const program = programFor(terminal, () => (status = FAILED));
  program.hook('preAction', (_program, command) => {
    running = command;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    showError(terminal, error, running && (await correction(terminal, argv, running, error)));
    return FAILED;
  }
}

function programFor(terminal: Terminal, failed: () => void): Command {
  const program = new Command('presage')
    .description('Deploy, call and understand functions on a Presage platform.')
    .option('--url <address>', 'address of the platform; default: PRESAGE_URL, .presage/client.json, presage login')
    .option('--api-key <key>', 'key to use; default: PRESAGE_API_KEY, or the one kept with the address')
    .option('--tenant <tenant>', 'act for this tenant; default: PRESAGE_TENANT, or that of the key')
    .addOption(new Option('-o, --output <format>', 'form of results').choices(OUTPUT_FORMATS).default('table'))
    .option('-q, --quiet', 'say nothing but results and errors')
    .showSuggestionAfterError()
    .showHelpAfterError('(presage --help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    });
  const contextOf = contextMaker(terminal, failed);
  for (const add of [
    addInit,
    addDeploy,
    addKubernetes,
    addInvoke,
    addFunctions,
    addLogs,
    addInvocations,
    addTraffic,
    addHistory,
    addAsync,
    addTriggers,
    addAliases,
    addSecrets,
    addKeys,
    addAudit,
    addLimits,
    addCheckpoints,
    addForecast,
    addWarming,
    addCost,
    addBudgets,
    addCourt,
    addWarmth,
    addMigration,
    addNodes,
    addPlacementPlans,
    addWorkflows,
    addPlatform,
    addOverview,
  ]) {
    add(program, contextOf);
  }
  inherit(program);
  return program;
}

/** Subcommands take over how errors are told, at every depth. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}

/** The command line that was probably meant, when it named a function that does not exist. */
async function correction(
  terminal: Terminal,
  argv: readonly string[],
  command: Command,
  error: unknown,
): Promise<string | undefined> {
  if (!isPlatformError(error) || (error.code !== 'function_not_found' && error.code !== 'not_found')) return undefined;
  const index = command.registeredArguments.findIndex((argument) => argument.name() === 'name');
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
