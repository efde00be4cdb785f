import type { Command } from 'commander';
import type { CheckpointResource, InstanceResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';
import { countOption } from '../option-values';
import { showAge, showBytes, showMs } from '../quantities';

/** checkpoint, checkpoints and instances. */
export function addCheckpoints(program: Command, contextOf: ContextOf): void {
  program
    .command('checkpoint')
    .description('make a new checkpoint of a function')
    .argument('<name>', 'the function')
    .option('--revision <revision>', 'default: the newest ready one', countOption)
    .option('--node <node>', 'the node to make it on')
    .action(async (name: string, options: { revision?: number; node?: string }, command: Command) => {
      const { api, output } = contextOf(command);
      const started = await api.send<{ revision: number; workflowId: string }>(
        'POST',
        functionPath(name, '/checkpoints'),
        { json: { ...options } },
      );
      await output.item(started, () => `Revision ${started.revision} is being checkpointed: ${started.workflowId}`);
    });

  program
    .command('checkpoints')
    .description('checkpoints, newest first')
    .argument('[name]', 'only of this function')
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<CheckpointResource>('/v1/checkpoints', { function: name }),
        [
          ['ID', (row) => row.id],
          ['FUNCTION', (row) => row.function],
          ['REVISION', (row) => row.revision],
          ['NODE', (row) => row.node],
          ['STATE', (row) => row.state],
          ['RAW', (row) => showBytes(row.rawBytes)],
          ['SEALED', (row) => showBytes(row.sealedBytes)],
          ['PAUSE', (row) => (row.pauseMs === null ? null : showMs(row.pauseMs))],
          ['AGE', (row) => showAge(row.createdAt, now)],
        ],
        'There are no checkpoints',
      );
    });

  program
    .command('instances')
    .description('instances that live now')
    .argument('[name]', 'only of this function')
    .option('--all', 'also those that have ended')
    .action(async (name: string | undefined, options: { all?: boolean }, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<InstanceResource>('/v1/instances', { function: name, ...(options.all ? {} : { live: true }) }),
        [
          ['ID', (row) => row.id],
          ['FUNCTION', (row) => row.function],
          ['REVISION', (row) => row.revision],
          ['NODE', (row) => row.node],
          ['STATE', (row) => row.state],
          ['START', (row) => row.kind],
          ['AGE', (row) => showAge(row.startedAt, now)],
          ['ENDED', (row) => row.endedAt && `${showAge(row.endedAt, now)} ago${row.reason ? `: ${row.reason}` : ''}`],
        ],
        'There are no instances',
      );
    });
}
