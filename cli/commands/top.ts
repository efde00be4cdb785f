import { Option } from 'commander';
import type { ContextOf } from '../command-context';
import { durationOption } from '../option-values';
import { SORT_NAMES, sorted, type Sort } from '../top/top-rows';
import { COLUMNS, liveScreen } from '../top/top-screen';
import { TopSource } from '../top/top-source';
import type { Verb } from '../verb';

interface TopOptions {
  readonly once?: boolean;
  readonly sort: Sort;
  readonly every: number;
}

export function addTop(program: Verb, contextOf: ContextOf): void {
  program
    .command('top')
    .description(
      'functions as they are: calls a second, times, starts of the last minute, instances on each rung, cost of the last hour',
    )
    .option('--once', 'show it once, as where there is no terminal')
    .addOption(new Option('--sort <column>', 'what comes first').choices(SORT_NAMES).default('rate'))
    .option('--every <duration>', 'how often it looks', durationOption, 2_000)
    .calls(
      'GET /v1/functions',
      'GET /v1/instances',
      'GET /v1/checkpoints',
      'GET /v1/invocations',
      'GET /v1/cost/ledger',
    )
    .example('presage top', 'presage top --once --sort cost -o json')
    .action(async ({ once, sort, every }: TopOptions, command: Verb) => {
      const context = contextOf(command);
      const { api, output, terminal } = context;
      const source = new TopSource(api);
      const live =
        !once && output.format === 'table' && terminal.stdout.isTTY === true && terminal.stdin.isTTY === true;
      if (live) return liveScreen(context, () => source.look(), { sort, everyMs: every });
      await output.list(sorted(await source.look(), sort), COLUMNS, 'There are no functions yet');
    });
}
