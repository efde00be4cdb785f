import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import { ApiClient } from '../api-client';
import { findClientConfig, loginFile } from '../client-config';
import type { CommandContext, ContextOf } from '../command-context';
import { showBytes } from '../quantities';
import type { Verb } from '../verb';

interface StatusResource {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly version: string;
  readonly tenant: string;
  readonly components: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly tier: string;
    readonly region: string;
    readonly state: string;
    readonly reachable: boolean;
    readonly driver: string | null;
    readonly draining: boolean;
    readonly instances: Readonly<Record<string, number>>;
    readonly memory: { readonly capacityBytes: number; readonly committedBytes: number } | null;
  }[];
  readonly totals: {
    readonly functions: number;
    readonly checkpoints: number;
    readonly checkpointBytes: number;
    readonly lastHour: { readonly invocations: number; readonly errors: number };
  };
}

/** status, version and login. */
export function addPlatform(program: Verb, contextOf: ContextOf): void {
  program
    .command('status')
    .description('is the platform well? exit status 1 when it is not')
    .calls('GET /v1/status')
    .example('presage status')
    .action(async (_options: object, command: Verb) => {
      const context = contextOf(command);
      const status = await context.api.get<StatusResource>('/v1/status');
      if (status.status === 'unready') context.failed();
      await context.output.item(status, () => renderStatus(context, status));
    });

  program
    .command('version')
    .description('versions of this tool and of the platform')
    .calls('GET /version')
    .example('presage version')
    .action(async (_options: object, command: Verb) => {
      const { api, output } = contextOf(command);
      const client = ownVersion();
      const platform = await api.get<{ version: string; commit: string | null }>('/version').catch(() => null);
      await output.item({ client, platform }, () =>
        output.fields([
          ['Client', client],
          [
            'Platform',
            platform ? `${platform.version}${platform.commit ? ` (${platform.commit})` : ''}` : 'does not answer',
          ],
        ]),
      );
    });

  program
    .command('login')
    .description('remember the address and key given by --url and --api-key, after trying them')
    .calls('GET /v1/status')
    .example('presage login --url http://127.0.0.1:8080 --api-key psk_KEY')
    .action(async (_options: object, command: Verb) => {
      const { output, terminal } = contextOf(command);
      const config = findClientConfig(terminal, command.optsWithGlobals());
      if (config.apiKey === null) {
        throw new PlatformError('invalid_argument', 'There is no key to remember', {
          hint: 'presage login --url http://HOST:PORT --api-key psk_…',
        });
      }
      const { tenant } = await new ApiClient(config).get<StatusResource>('/v1/status');
      const file = loginFile(terminal);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, `${JSON.stringify({ url: config.url, apiKey: config.apiKey, tenant }, null, 2)}\n`, {
        mode: 0o600,
      });
      await chmod(file, 0o600);
      output.note(`Logged in to ${config.url} as tenant ${tenant}; kept in ${file}`);
    });
}

async function renderStatus({ api, output }: CommandContext, status: StatusResource): Promise<string> {
  const mark = (ok: boolean): string => (ok ? output.colour('green', 'ok') : output.colour('red', 'away'));
  const { totals } = status;
  const facts = output.fields([
    ['Platform', `${api.config.url} is ${status.status}`],
    ['Version', status.version],
    ['Tenant', status.tenant],
    ['Functions', totals.functions],
    ['Checkpoints', `${totals.checkpoints} (${showBytes(totals.checkpointBytes)})`],
    ['Last hour', `${totals.lastHour.invocations} invocations, ${totals.lastHour.errors} errors`],
  ]);
  const components = await output.table(status.components, [
    ['COMPONENT', (row) => row.name],
    ['STATE', (row) => mark(row.ok)],
    ['', (row) => row.detail],
  ]);
  const nodes = await output.table(status.nodes, [
    ['NODE', (row) => row.name],
    ['TIER', (row) => row.tier],
    ['REGION', (row) => row.region],
    ['STATE', (row) => (row.state === 'ready' && !row.draining ? mark(row.reachable) : stateOf(row))],
    ['DRIVER', (row) => row.driver],
    ['INSTANCES', (row) => Object.entries(row.instances).map(([state, count]) => `${count} ${state}`).join(', ') || 'none'], // prettier-ignore
    [
      'MEMORY',
      (row) => row.memory && `${showBytes(row.memory.committedBytes)} of ${showBytes(row.memory.capacityBytes)}`,
    ],
  ]);
  return [facts, components, nodes].join('\n\n');
}

/** A node that takes no work, or none that anybody hears of. */
function stateOf({ state, draining }: StatusResource['nodes'][number]): string {
  return state === 'ready' && draining ? 'draining' : state;
}

/** Version of this tool, from the package it belongs to, compiled or not. */
function ownVersion(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}
