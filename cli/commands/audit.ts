import { Option, type Command } from 'commander';
import type { AuditResource } from '../api-resources';
import type { ContextOf } from '../command-context';
import { countOption, timeOption } from '../option-values';

interface AuditOptions {
  readonly action?: string;
  readonly principal?: string;
  readonly resource?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly all?: boolean;
  readonly limit: number;
}

export function addAudit(program: Command, contextOf: ContextOf): void {
  program
    .command('audit')
    .description('who changed what, and who tried to; newest first')
    .option('--action <action>', 'e.g. putSecret, deployFunction')
    .option('--principal <id>', 'id of a key, or issuer#subject of a token')
    .option('--resource <path>', 'beginning of the path, e.g. /v1/secrets/')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices(['allowed', 'refused', 'failed']))
    .option('--since <time>', 'since a time or for how long, e.g. 24h', timeOption)
    .option('--all', 'of every tenant, for platform operators')
    .option('--limit <entries>', 'at most so many', countOption, 50)
    .action(async ({ limit, ...filter }: AuditOptions, command: Command) => {
      const { api, output } = contextOf(command);
      await output.list(
        await api.list<AuditResource>('/v1/audit', { ...filter }, limit),
        [
          ['AT', (row) => row.at],
          ['WHO', (row) => row.principal],
          ['FROM', (row) => row.address],
          ['ACTION', (row) => row.action],
          ['RESOURCE', (row) => row.resource],
          ['OUTCOME', (row) => `${row.outcome} ${row.status}`],
        ],
        'Nothing was changed',
      );
    });
}
