import type { ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { showAge } from '../quantities';
import type { Verb } from '../verb';

interface TenantResource {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export function addTenants(program: Verb, contextOf: ContextOf): void {
  const tenant = program.command('tenant').alias('tenants').description('owners of functions; for platform operators');
  listVerb<TenantResource>(
    tenant.command('list').alias('ls').description('all tenants').example('presage tenant list'),
    contextOf,
    'GET /v1/tenants',
    {
      columns: [
        ['NAME', (row) => row.name],
        ['AGE', (row) => showAge(row.createdAt)],
      ],
      none: 'There are no tenants',
    },
  );
  tenant
    .command('create')
    .description('make a tenant; one that is there already stays as it is')
    .argument('<name>', 'its name')
    .calls('POST /v1/tenants')
    .example('presage tenant create acme')
    .action(async (name: string, _options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const made = await api.send<TenantResource>('POST', '/v1/tenants', { json: { name } });
      await output.item(made, () => `Its first key: presage key create first --scope admin --tenant ${made.name}`);
    });
}
