import type { Command } from 'commander';
import { PlatformError } from '../../core/error/platform-error';
import type { MigrationResource, PlacementResource } from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { followMigration } from '../follow-migration';
import { countOption } from '../option-values';
import { showAge } from '../quantities';

interface MigrateOptions {
  readonly to: string;
  readonly from?: string;
  readonly wait?: boolean;
  readonly approve?: boolean;
}

/** migrate, migration and placement: where functions run. */
export function addMigration(program: Command, contextOf: ContextOf): void {
  program
    .command('migrate')
    .description('move a function to another node without a failed request')
    .argument('<function>', 'the function')
    .requiredOption('--to <node>', 'the node that it moves to')
    .option('--from <node>', 'the node that it leaves; default: the one with most of its traffic')
    .option('--wait', 'wait for its end, and tell each step')
    .option('--approve', 'wait for "presage migration approve ID" before traffic moves')
    .action(async (name: string, { to, from, wait, approve }: MigrateOptions, command: Command) => {
      const { api, output, terminal } = contextOf(command);
      const json = {
        function: name,
        to,
        ...(from === undefined ? {} : { from }),
        ...(approve ? { approval: true } : {}),
      };
      const started = await api.send<MigrationResource>('POST', '/v1/migrations', { json });
      const shown = (at: MigrationResource): Promise<string> => described(at, output);
      if (!wait) return output.item(started, () => `${name} is being moved to ${to}: migration ${started.id}`);
      const done = await followMigration(api, started, {
        signal: terminal.stopped,
        onStep: (step) => output.note(`${step} …`),
      });
      await output.item(done, () => shown(done));
      if (done.state !== 'completed') {
        throw new PlatformError('conflict', `${name} was not moved: ${done.error ?? done.state}`);
      }
    });

  const migration = program.command('migration').description('moves of functions between nodes');
  migration
    .command('ls')
    .description('migrations, newest first')
    .argument('[function]', 'only of this function')
    .option('--limit <n>', 'at most so many', countOption, 50)
    .action(async (name: string | undefined, { limit }: { limit: number }, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<MigrationResource>('/v1/migrations', { function: name }, limit),
        [
          ['ID', (row) => row.id],
          ['FUNCTION', (row) => row.function],
          ['FROM', (row) => row.from],
          ['TO', (row) => row.to],
          ['WHY', (row) => row.reason],
          ['STATE', (row) => row.state],
          ['AGE', (row) => showAge(row.createdAt, now)],
          ['ERROR', (row) => row.error],
        ],
        'Nothing was moved',
      );
    });
  migration
    .command('show')
    .description('how far a migration is, step by step')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const found = await api.get<MigrationResource>(migrationPath(id));
      await output.item(found, () => described(found, output));
    });
  for (const [what, description, told] of [
    ['approve', 'let traffic move, where the migration waits for that', 'Traffic may move'],
    ['abort', 'put everything back; of no effect once the old node is out', 'It is being put back'],
  ] as const) {
    migration
      .command(what)
      .description(description)
      .argument('<id>')
      .action(async (id: string, _options: object, command: Command) => {
        const { api, output } = contextOf(command);
        const found = await api.send<MigrationResource>('POST', `${migrationPath(id)}/${what}`, { json: {} });
        await output.item(found, () => `${told}: presage migration show ${id}`);
      });
  }

  program
    .command('placement')
    .description('where functions run')
    .command('show')
    .description('the nodes that a function is placed on')
    .argument('<function>')
    .action(async (name: string, _options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const found = await api.get<PlacementResource>(functionPath(name, '/placement'));
      await output.item(found, async () => {
        const table = await output.table(found.nodes, [
          ['NODE', (row) => row.node],
          ['TRAFFIC', (row) => (row.weight === null ? 'not placed there' : `${row.weight} %`)],
          ['INSTANCES', (row) => row.instances],
        ]);
        if (found.generation === 0) return `${name} may run on any node that is ready\n${table}`;
        return found.changedBy === null ? table : `${table}\nIt is being moved by ${found.changedBy}`;
      });
    });
}

function migrationPath(id: string): string {
  return `/v1/migrations/${encodeURIComponent(id)}`;
}

async function described(found: MigrationResource, output: CommandContext['output']): Promise<string> {
  const fields = output.fields([
    ['Function', found.function],
    ['From', found.from],
    ['To', found.to],
    ['State', found.state],
    ['Error', found.error],
    ['Workflow', found.workflowId],
  ]);
  const steps = await output.table(found.phases, [
    ['STEP', (row) => row.step],
    ['TOOK', (row) => (row.endedAt === null ? '…' : `${seconds(row.startedAt, row.endedAt)} s`)],
    ['', (row) => row.note],
  ]);
  return `${fields}\n\n${steps}`;
}

function seconds(from: string, to: string): string {
  return ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1);
}
