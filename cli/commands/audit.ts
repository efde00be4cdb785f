import { Option } from 'commander';
import type { AuditResource } from '../api-resources';
import type { ContextOf } from '../command-context';
import { limitOption, listVerb } from '../list-verb';
import { timeOption } from '../option-values';
import type { Verb } from '../verb';

export function addAudit(program: Verb, contextOf: ContextOf): void {
  listVerb<AuditResource>(
    program
      .command('audit')
      .description('who changed what, and who tried to; newest first')
      .option('--action <action>', 'e.g. putSecret, deployFunction')
      .option('--principal <id>', 'id of a key, or issuer#subject of a token')
      .option('--resource <path>', 'beginning of the path, e.g. /v1/secrets/')
      .addOption(new Option('--outcome <outcome>', 'how it ended').choices(['allowed', 'refused', 'failed']))
      .option('--since <time>', 'since a time or for how long, e.g. 24h', timeOption)
      .option('--all', 'of every tenant, for platform operators')
      .addOption(limitOption())
      .example('presage audit --since 24h --outcome refused'),
    contextOf,
    'GET /v1/audit',
    {
      columns: [
        ['AT', (row) => row.at],
        ['WHO', (row) => row.principal],
        ['FROM', (row) => row.address],
        ['ACTION', (row) => row.action],
        ['RESOURCE', (row) => row.resource],
        ['OUTCOME', (row) => `${row.outcome} ${row.status}`],
      ],
      none: 'Nothing was changed',
    },
  );
}
