import { CommanderError, Option } from 'commander';
import { contextMaker } from './command-context';
import { addAliases } from './commands/aliases';
import { addAsync } from './commands/async';
import { addAudit } from './commands/audit';
import { addBudgets } from './commands/budgets';
import { addCheckpoints } from './commands/checkpoints';
import { addCompletion } from './commands/completion';
import { addCost } from './commands/cost';
import { addCourt } from './commands/court';
import { addDeploy } from './commands/deploy';
import { addDoctor } from './commands/doctor';
import { addDocuments } from './commands/documents';
import { addEvents } from './commands/events';
import { addForecast } from './commands/forecast';
import { addFunctions } from './commands/functions';
import { addHelp } from './commands/help';
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
import { addRevisions } from './commands/revisions';
import { addSecrets } from './commands/secrets';
import { addTenants } from './commands/tenants';
import { addTop } from './commands/top';
import { addTraffic } from './commands/traffic';
import { addTriggers } from './commands/triggers';
import { addWarming } from './commands/warming';
import { addWarmth } from './commands/warmth';
import { addWorkflows } from './commands/workflows';
import { EXIT } from './exit-status';
import { OUTPUT_FORMATS } from './output';
import { helpText } from './reference/help-text';
import type { Terminal } from './terminal';
import { Verb } from './verb';

/** All verbs, by what they are about. */
const GROUPS = {
  'Functions:': [addInit, addDeploy, addInvoke, addFunctions, addRevisions, addAliases, addSecrets, addTriggers, addKubernetes], // prettier-ignore
  'What happens:': [
    addTop,
    addOverview,
    addEvents,
    addLogs,
    addInvocations,
    addAsync,
    addTraffic,
    addHistory,
    addWorkflows,
  ],
  'Warmth and forecasts:': [addForecast, addWarmth, addWarming, addCourt, addCheckpoints],
  'Places:': [addMigration, addPlacementPlans, addNodes],
  'Money:': [addCost, addBudgets],
  'The platform:': [addPlatform, addDoctor, addKeys, addLimits, addTenants, addAudit, addDocuments],
  'This tool:': [addCompletion, addHelp],
} as const;

/** The whole command line. `failed` is called by verbs whose result is bad although nothing was thrown. */
export function makeProgram(terminal: Terminal, failed: () => void): Verb {
  const program = new Verb('presage')
    .description('Deploy, call and understand functions on a Presage platform.')
    .option('--url <address>', 'address of the platform; default: PRESAGE_URL, .presage/client.json, presage login')
    .option('--api-key <key>', 'key to use; default: PRESAGE_API_KEY, or the one kept with the address')
    .option('--tenant <tenant>', 'act for this tenant; default: PRESAGE_TENANT, or that of the key')
    .addOption(new Option('-o, --output <format>', 'form of results').choices(OUTPUT_FORMATS).default('table'))
    .option('-q, --quiet', 'say nothing but results and errors')
    .example('presage list -o json')
    .showSuggestionAfterError()
    .showHelpAfterError('(presage --help tells more)')
    .configureHelp({ formatHelp: (command) => helpText(command as Verb) })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    });
  const contextOf = contextMaker(terminal, failed);
  for (const [heading, adders] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const add of adders) add(program, contextOf);
  }
  inherit(program);
  program.hook('preAction', (_program, verb) => tellMistakes(terminal, verb as Verb));
  return program;
}

/** Verbs take over how errors are told, at every depth, and `presage help` serves for all of them. */
function inherit(verb: Verb): void {
  verb.helpCommand(false);
  for (const child of verb.commands as readonly Verb[]) {
    child.copyInheritedSettings(verb);
    inherit(child);
  }
}

/** @throws CommanderError with all that is wrong with a command line, told already */
function tellMistakes(terminal: Terminal, verb: Verb): void {
  if (verb.mistakes.length === 0) return;
  terminal.stderr.write(`${verb.mistakes.join('\n')}\n`);
  throw new CommanderError(EXIT.usage, 'presage.mistakes', verb.mistakes.join('\n'));
}
