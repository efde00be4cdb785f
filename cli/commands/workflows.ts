import type { Command } from 'commander';
import type { ContextOf } from '../command-context';
import { countOption } from '../option-values';
import { showAge } from '../quantities';
import type { WorkflowsResource } from '../workflow-resources';

interface WorkflowsOptions {
  readonly running?: boolean;
  readonly type?: string;
  readonly schedules?: boolean;
  readonly limit: number;
}

export function addWorkflows(program: Command, contextOf: ContextOf): void {
  program
    .command('workflows')
    .description(
      'durable work under way and done, newest first, with links into the Temporal UI; for platform operators',
    )
    .option('--running', 'only what runs')
    .option('--type <name>', 'only of this kind, e.g. migrateFunction')
    .option('--schedules', 'instead: what starts by itself, and when')
    .option('--limit <count>', 'at most so many, up to 200', countOption, 50)
    .action(async ({ running, type, schedules, limit }: WorkflowsOptions, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      const found = await api.get<WorkflowsResource>('/v1/workflows', { running, type, limit });
      if (schedules) {
        return output.list(
          found.schedules,
          [
            ['SCHEDULE', (row) => row.scheduleId],
            ['STARTS', (row) => row.type],
            ['LAST', (row) => row.lastAt && `${showAge(row.lastAt, now)} ago`],
            ['NEXT', (row) => (row.paused ? 'paused' : row.nextAt)],
            ['FOR', (row) => row.note],
          ],
          'Nothing starts by itself: the control worker makes the schedules as it starts',
        );
      }
      await output.list(
        found.items,
        [
          ['WORKFLOW', (row) => row.workflowId],
          ['TYPE', (row) => row.type],
          ['STATE', (row) => row.state],
          ['STARTED', (row) => `${showAge(row.startedAt, now)} ago`],
          ['TEMPORAL UI', (row) => row.url],
        ],
        'Nothing of that kind is known to Temporal',
      );
    });
}
