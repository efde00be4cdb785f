import type { TriggerResource } from '../api-resources';
import type { ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import type { Verb } from '../verb';

export function addTriggers(program: Verb, contextOf: ContextOf): void {
  listVerb<TriggerResource>(
    program
      .command('triggers')
      .description('times and URLs that invoke a function')
      .argument('<function>', 'the function')
      .example('presage triggers hello'),
    contextOf,
    'GET /v1/functions/{name}/triggers',
    {
      whole: true,
      columns: ({ api }) => [
        ['NAME', (row) => row.name],
        ['WHEN', (row) => (row.cron === null ? 'webhook' : `${row.cron} ${row.timeZone ?? ''}`)],
        ['NEXT', (row) => row.nextAt],
        ['PATH', (row) => row.path],
        ['URL', (row) => row.url && api.config.url + row.url],
      ],
      none: (name) => `${name} has no triggers`,
    },
  );
}
