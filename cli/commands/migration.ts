import { PlatformError } from '../../core/error/platform-error';
import type { MigrationResource, PlacementResource } from '../api-resources';
import { functionPath, type CommandContext, type ContextOf } from '../command-context';
import { followJob } from '../follow-job';
import { limitOption, listVerb } from '../list-verb';
import { showAge } from '../quantities';
import type { Verb } from '../verb';

interface MigrateOptions {
  readonly to: string;
  readonly from?: string;
  readonly wait?: boolean;
  readonly approve?: boolean;
}

/** migrate, migration and placement: where functions run. */
export function addMigration(program: Verb, contextOf: ContextOf): void {
  program
    .command('migrate')
    .description('move a function to another node without a failed request')
    .argument('<function>', 'the function')
    .requiredOption('--to <node>', 'the node that it moves to')
    .option('--from <node>', 'the node that it leaves; default: the one with most of its traffic')
    .option('--wait', 'wait for its end, and tell each step')
    .option('--approve', 'wait for "presage migration approve ID" before traffic moves')
    .calls('POST /v1/migrations', 'GET /v1/migrations/{id}')
    .example('presage migrate hello --to edge-1', 'presage migrate hello --to edge-1 --wait')
    .action(async (name: string, { to, from, wait, approve }: MigrateOptions, command: Verb) => {
      const context = contextOf(command);
      const { api, output } = context;
      const json = {
        function: name,
        to,
        ...(from === undefined ? {} : { from }),
        ...(approve ? { approval: true } : {}),
      };
      const started = await api.send<MigrationResource>('POST', '/v1/migrations', { json });
      const shown = (at: MigrationResource): Promise<string> => described(at, output);
      if (!wait) return output.item(started, () => `${name} is being moved to ${to}: migration ${started.id}`);
      const done = await followJob<MigrationResource>(context, {
        path: migrationPath(started.id),
        first: started,
        ended: ({ state }) => state !== 'running',
        step: ({ phases }) => phases.at(-1)?.step ?? 'beginning',
      });
      await output.item(done, () => shown(done));
      if (done.state === 'running') output.note(`It goes on: presage migration show ${done.id}`);
      else if (done.state !== 'completed') {
        throw new PlatformError('internal', `${name} was not moved: ${done.error ?? done.state}`, {
          hint: `presage migration show ${done.id} shows how far it came.`,
        });
      }
    });

  const migration = program.command('migration').description('moves of functions between nodes');
  listVerb<MigrationResource>(
    migration
      .command('list')
      .alias('ls')
      .description('migrations, newest first')
      .argument('[function]', 'only of this function')
      .addOption(limitOption())
      .example('presage migration list hello'),
    contextOf,
    'GET /v1/migrations',
    {
      columns: [
        ['ID', (row) => row.id],
        ['FUNCTION', (row) => row.function],
        ['FROM', (row) => row.from],
        ['TO', (row) => row.to],
        ['WHY', (row) => row.reason],
        ['STATE', (row) => row.state],
        ['AGE', (row) => showAge(row.createdAt)],
        ['ERROR', (row) => row.error],
      ],
      none: 'Nothing was moved',
    },
  );
  migration
    .command('show')
    .description('how far a migration is, step by step')
    .argument('<id>', 'as presage migration list shows it')
    .calls('GET /v1/migrations/{id}')
    .example('presage migration show 01JABC')
    .action(async (id: string, _options: object, command: Verb) => {
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
      .argument('<id>', 'as presage migration list shows it')
      .calls(`POST /v1/migrations/{id}/${what}`)
      .example(`presage migration ${what} 01JABC`)
      .action(async (id: string, _options: object, command: Verb) => {
        const { api, output } = contextOf(command);
        const found = await api.send<MigrationResource>('POST', `${migrationPath(id)}/${what}`, { json: {} });
        await output.item(found, () => `${told}: presage migration show ${id}`);
      });
  }

  const placement = program.command('placement').description('where functions run');
  listVerb<PlacementResource>(
    placement
      .command('nodes')
      .description('the nodes that each function is on, and its share of traffic there')
      .example('presage placement nodes'),
    contextOf,
    'GET /v1/placements',
    {
      columns: [
        ['FUNCTION', (row) => row.function],
        ['ON', (row) => row.nodes.map(({ node, weight, instances }) => `${node} (${weight === null ? 'not placed' : `${weight} %`}, ${instances} instances)`).join(', ') || 'any ready node'], // prettier-ignore
        ['MOVED BY', (row) => row.changedBy],
      ],
      none: 'There are no functions yet',
    },
  );
  placement
    .command('show')
    .description('the nodes that a function is placed on')
    .argument('<function>', 'the function')
    .calls('GET /v1/functions/{name}/placement')
    .example('presage placement show hello')
    .action(async (name: string, _options: object, command: Verb) => {
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
