import type { ContextOf } from '../command-context';
import { limitOption } from '../list-verb';
import { showAgo } from '../quantities';
import type { WorkflowsResource } from '../workflow-resources';
import type { Verb } from '../verb';

interface WorkflowsOptions {
  readonly running?: boolean;
  readonly type?: string;
  readonly schedules?: boolean;
  readonly limit: number;
}

export function addWorkflows(program: Verb, contextOf: ContextOf): void {
  program
    .command('workflows')
    .description(
      'durable work under way and done, newest first, with links into the Temporal UI; for platform operators',
    )
    .option('--running', 'only what runs')
    .option('--type <name>', 'only of this kind, e.g. migrateFunction')
    .option('--schedules', 'instead: what starts by itself, and when')
    .addOption(limitOption())
    .calls('GET /v1/workflows')
    .example('presage workflows --running', 'presage workflows --schedules')
    .action(async ({ running, type, schedules, limit }: WorkflowsOptions, command: Verb) => {
      const { api, output } = contextOf(command);
      const found = await api.get<WorkflowsResource>('/v1/workflows', { running, type, limit });
      if (schedules) {
        return output.list(
          found.schedules,
          [
            ['SCHEDULE', (row) => row.scheduleId],
            ['STARTS', (row) => row.type],
            ['LAST', (row) => showAgo(row.lastAt)],
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
          ['STARTED', (row) => showAgo(row.startedAt)],
          ['TEMPORAL UI', (row) => row.url],
        ],
        'Nothing of that kind is known to Temporal',
      );
    });
}
