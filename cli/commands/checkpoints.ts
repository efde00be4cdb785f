import type { CheckpointResource, InstanceResource } from '../api-resources';
import { functionPath, type ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { countOption } from '../option-values';
import { showAge, showBytes, showMs } from '../quantities';
import type { Verb } from '../verb';

/** checkpoint, checkpoints and instances. */
export function addCheckpoints(program: Verb, contextOf: ContextOf): void {
  program
    .command('checkpoint')
    .description('make a new checkpoint of a function')
    .argument('<function>', 'the function')
    .calls('POST /v1/functions/{name}/checkpoints')
    .example('presage checkpoint hello')
    .option('--revision <revision>', 'default: the newest ready one', countOption)
    .option('--node <node>', 'the node to make it on')
    .action(async (name: string, options: { revision?: number; node?: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const started = await api.send<{ revision: number; workflowId: string }>(
        'POST',
        functionPath(name, '/checkpoints'),
        { json: { ...options } },
      );
      await output.item(started, () => `Revision ${started.revision} is being checkpointed: ${started.workflowId}`);
    });

  listVerb<CheckpointResource>(
    program
      .command('checkpoints')
      .description('checkpoints, newest first')
      .argument('[function]', 'only of this function')
      .example('presage checkpoints hello'),
    contextOf,
    'GET /v1/checkpoints',
    {
      columns: [
        ['ID', (row) => row.id],
        ['FUNCTION', (row) => row.function],
        ['REVISION', (row) => row.revision],
        ['NODE', (row) => row.node],
        ['STATE', (row) => row.state],
        ['RAW', (row) => showBytes(row.rawBytes)],
        ['SEALED', (row) => showBytes(row.sealedBytes)],
        ['PAUSE', (row) => (row.pauseMs === null ? null : showMs(row.pauseMs))],
        ['AGE', (row) => showAge(row.createdAt)],
      ],
      none: 'There are no checkpoints',
    },
  );

  program
    .command('instances')
    .description('instances that live now')
    .argument('[function]', 'only of this function')
    .option('--all', 'also those that have ended')
    .calls('GET /v1/instances')
    .example('presage instances hello')
    .action(async (name: string | undefined, options: { all?: boolean }, command: Verb) => {
      const { api, output } = contextOf(command);
      await output.list(
        await api.list<InstanceResource>('/v1/instances', { function: name, ...(options.all ? {} : { live: true }) }),
        [
          ['ID', (row) => row.id],
          ['FUNCTION', (row) => row.function],
          ['REVISION', (row) => row.revision],
          ['NODE', (row) => row.node],
          ['STATE', (row) => row.state],
          ['START', (row) => row.kind],
          ['AGE', (row) => showAge(row.startedAt)],
          ['ENDED', (row) => row.endedAt && `${showAge(row.endedAt)} ago${row.reason ? `: ${row.reason}` : ''}`],
        ],
        'There are no instances',
      );
    });
}
