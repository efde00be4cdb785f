import { Option } from 'commander';
import type { KeyResource } from '../api-resources';
import type { ContextOf } from '../command-context';
import { durationOption, expiryOption } from '../option-values';
import { listVerb } from '../list-verb';
import { showAge, showAgo } from '../quantities';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

const SCOPES = ['admin', 'deploy', 'read', 'invoke'] as const;

export function addKeys(program: Verb, contextOf: ContextOf): void {
  const key = program.command('key').alias('keys').description('API keys of the tenant');

  key
    .command('create')
    .description('make a key; it is shown once and never again')
    .argument('<name>', 'what it is for, e.g. ci')
    .addOption(
      new Option('--scope <scopes...>', 'what it may do; admin holds the others').choices(SCOPES).default(['invoke']),
    )
    .option('--expires <time>', 'when it stops working: for how long (90d), or a time; default: never', expiryOption)
    .calls('POST /v1/keys')
    .example('presage key create ci --scope deploy read --expires 90d')
    .action(async (name: string, options: { scope: string[]; expires?: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const made = await api.send<KeyResource & { key: string }>('POST', '/v1/keys', {
        json: { name, scopes: options.scope, expiresAt: options.expires },
      });
      output.note(`Key ${made.id} for ${made.scopes.join(', ')}; keep it, it is not shown again:`);
      await output.item(made, () => made.key);
    });

  listVerb<KeyResource>(
    key
      .command('list')
      .alias('ls')
      .description('keys, of which only the beginnings are known')
      .example('presage key list'),
    contextOf,
    'GET /v1/keys',
    {
      columns: [
        ['ID', (row) => row.id],
        ['NAME', (row) => row.name],
        ['KEY', (row) => `${row.prefix}…`],
        ['SCOPES', (row) => row.scopes.join(',')],
        ['AGE', (row) => showAge(row.createdAt)],
        ['LAST USE', (row) => showAgo(row.lastUsedAt)],
        ['EXPIRES', (row) => row.expiresAt],
        ['REVOKED', (row) => showAgo(row.revokedAt)],
      ],
      none: 'There are no keys',
    },
  );

  key
    .command('rotate')
    .description('give a key a new secret; the one it had works on for a while')
    .argument('<id>', 'id of the key, from presage key list')
    .option('--overlap <duration>', 'how long the secret it had works on, at most 7d; default 24h', durationOption)
    .option('--expires <time>', 'when the key stops working: for how long (90d), or a time', expiryOption)
    .calls('POST /v1/keys/{id}/rotate')
    .example('presage key rotate 7c1e --overlap 24h')
    .action(async (id: string, options: { overlap?: number; expires?: string }, command: Verb) => {
      const { api, output } = contextOf(command);
      const turned = await api.send<KeyResource & { key: string }>(
        'POST',
        `/v1/keys/${encodeURIComponent(id)}/rotate`,
        {
          json: {
            ...(options.overlap === undefined ? {} : { overlapSeconds: Math.round(options.overlap / 1000) }),
            ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
          },
        },
      );
      output.note(`The secret before works until ${turned.previousUntil}; keep the new one, it is not shown again:`);
      await output.item(turned, () => turned.key);
    });

  removeVerb(
    key
      .command('revoke')
      .description('revoke a key')
      .argument('<id>', 'id of the key, from presage key list')
      .example('presage key revoke 7c1e'),
    contextOf,
    'DELETE /v1/keys/{id}',
    { told: (id) => `Key ${id} is revoked` },
  );
}
