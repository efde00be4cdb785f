import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContextOf } from '../command-context';
import { listVerb } from '../list-verb';
import { showAgo } from '../quantities';
import { removeVerb } from '../remove-verb';
import { readAll } from '../terminal';
import type { Verb } from '../verb';

interface SetOptions {
  readonly value?: string;
  readonly fromFile?: string;
}

interface RewrapAnswer {
  readonly dataKeys: number;
  readonly secrets: number;
  readonly failures: readonly { readonly tenant: string; readonly message: string }[];
}

export function addSecrets(program: Verb, contextOf: ContextOf): void {
  const secret = program
    .command('secret')
    .alias('secrets')
    .description('values that functions get in their environment, sealed at rest');

  secret
    .command('set')
    .description('set a secret; the value comes from standard input unless an option names it')
    .argument('<secret>', 'its name')
    .calls('PUT /v1/secrets/{name}')
    .example('presage secret set token < token.txt', 'presage secret set token --from-file token.txt')
    .option('--value <value>', 'the value; other users of this machine may see it while the command runs')
    .option('--from-file <file>', 'a file with the value, taken as it is')
    .action(async (name: string, options: SetOptions, command: Verb) => {
      const { api, output, terminal } = contextOf(command);
      let { value } = options;
      if (options.fromFile !== undefined) value = await readFile(path.resolve(terminal.cwd, options.fromFile), 'utf8');
      if (value === undefined) {
        if (terminal.stdin.isTTY) output.note('Type the value, then Ctrl-D:');
        // The end of line belongs to the typing and not to the secret.
        value = (await readAll(terminal.stdin)).toString('utf8').replace(/\r?\n$/, '');
      }
      await api.send('PUT', `/v1/secrets/${encodeURIComponent(name)}`, { json: { value } });
      await output.done({ secret: name }, `${name} is set; instances started from now on see it`);
    });

  listVerb<{ name: string; updatedAt: string }>(
    secret
      .command('list')
      .alias('ls')
      .description('names of the secrets; values never come back')
      .example('presage secret list'),
    contextOf,
    'GET /v1/secrets',
    {
      columns: [
        ['NAME', (row) => row.name],
        ['SET', (row) => showAgo(row.updatedAt)],
      ],
      none: 'There are no secrets',
    },
  );

  secret
    .command('rewrap')
    .description('for platform operators, after a new master key: hang all secrets on it')
    .option('--new-data-keys', 'also give each tenant a new data key')
    .calls('POST /v1/secrets/rewrap')
    .example('presage secret rewrap --new-data-keys')
    .action(async (options: { newDataKeys?: boolean }, command: Verb) => {
      const context = contextOf(command);
      const report = await context.api.send<RewrapAnswer>('POST', '/v1/secrets/rewrap', {
        json: { newDataKeys: options.newDataKeys === true },
      });
      await context.output.item(report, () => `${report.dataKeys} data key(s) wrapped, ${report.secrets} secret(s) sealed anew`); // prettier-ignore
      for (const { tenant, message } of report.failures) context.output.note(`${tenant}: ${message}`);
      if (report.failures.length > 0) context.failed();
      else context.output.note('No previous master key is needed any more');
    });

  removeVerb(
    secret
      .command('delete')
      .alias('rm')
      .description('delete a secret')
      .argument('<secret>', 'its name')
      .example('presage secret delete token'),
    contextOf,
    'DELETE /v1/secrets/{name}',
    { told: (name) => `${name} is deleted` },
  );
}
