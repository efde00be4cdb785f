import type { Command } from 'commander';
import type { TriggerResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';

export function addTriggers(program: Command, contextOf: ContextOf): void {
  program
    .command('triggers')
    .description('times and URLs that invoke a function')
    .argument('<name>', 'the function')
    .action(async (name: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const { items } = await api.get<{ items: TriggerResource[] }>(functionPath(name, '/triggers'));
      await output.list(
        items,
        [
          ['NAME', (row) => row.name],
          ['WHEN', (row) => (row.cron === null ? 'webhook' : `${row.cron} ${row.timeZone ?? ''}`)],
          ['NEXT', (row) => row.nextAt],
          ['PATH', (row) => row.path],
          ['URL', (row) => row.url && api.config.url + row.url],
        ],
        `${name} has no triggers`,
      );
    });
}
