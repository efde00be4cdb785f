import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { TIERS } from '../../core/function/manifest';
import type { NodeResource } from '../api-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { confirm } from '../confirm';
import { joinPlatform } from '../join-platform';
import { durationOption } from '../option-values';
import { showAge, showBytes } from '../quantities';

const path = (name: string, what = ''): string => `/v1/nodes/${encodeURIComponent(name)}${what}`;
const LOOK_MS = 1_000;

interface JoinOptions {
  readonly token: string;
  readonly address: string;
  readonly relay?: string;
  readonly folder: string;
  readonly postgres?: string;
  readonly masterKey?: string;
}

/** Nodes: who is there, and which of them take work. */
export function addNodes(program: Command, contextOf: ContextOf): void {
  const node = program.command('node').alias('nodes').description('machines of the platform; for its operators');

  node
    .command('ls')
    .alias('list')
    .description('all nodes, with region, state and capacity')
    .action(async (_options: object, command: Command) => {
      const { api, output } = contextOf(command);
      const now = Date.now();
      await output.list(
        await api.list<NodeResource>('/v1/nodes'),
        [
          ['NODE', (row) => row.name],
          ['TIER', (row) => row.tier],
          ['REGION', (row) => row.region],
          ['STATE', (row) => row.state],
          ['MEMORY', (row) => row.capacity && showBytes(row.capacity.memoryBytes)],
          ['CORES', (row) => row.capacity && row.capacity.cpuMillis / 1000],
          ['SLOTS', (row) => row.capacity && row.capacity.slots],
          ['SEEN', (row) => (row.lastSeenAt === null ? 'never' : `${showAge(row.lastSeenAt, now)} ago`)],
          ['REASON', (row) => row.reason],
        ],
        'There are no nodes',
      );
    });

  node
    .command('show')
    .description('one node')
    .argument('<name>', 'name of the node')
    .action(async (name: string, _options: object, command: Command) => {
      const context = contextOf(command);
      await show(context, await context.api.get<NodeResource>(path(name)));
    });

  for (const [word, description] of [
    ['cordon', 'give the node no new work; what runs there stays'],
    ['uncordon', 'give the node work again; ends a drain where it is'],
  ] as const) {
    node
      .command(word)
      .description(description)
      .argument('<name>', 'name of the node')
      .option('--reason <text>', 'why, for people')
      .action(async (name: string, options: { reason?: string }, command: Command) => {
        const context = contextOf(command);
        await show(context, await context.api.send<NodeResource>('POST', path(name, `/${word}`), { json: options }));
      });
  }

  node
    .command('drain')
    .description('move every function away, then end what is left')
    .argument('<name>', 'name of the node')
    .option('--reason <text>', 'why, for people')
    .option('--no-wait', 'return as soon as it has begun')
    .action(async (name: string, { reason, wait }: { reason?: string; wait: boolean }, command: Command) => {
      const context = contextOf(command);
      const json = reason === undefined ? {} : { reason };
      const begun = await context.api.send<{ workflowId: string; node: NodeResource }>('POST', path(name, '/drain'), { json }); // prettier-ignore
      context.output.note(`Workflow ${begun.workflowId} drains ${name}; presage node uncordon ${name} ends it`);
      await show(context, wait ? await drained(context, name) : begun.node);
    });

  node
    .command('join-token')
    .description('let an agent of another machine join, once')
    .argument('<name>', 'what the node is to be called')
    .addOption(new Option('--tier <tier>', 'edge, regional or central').choices(TIERS).default('edge'))
    .option('--region <region>', 'where it stands', 'local')
    .option('--expires <duration>', 'how long the token is good, at most 24h', durationOption, 3_600_000)
    .action(async (name: string, options: { tier: string; region: string; expires: number }, command: Command) => {
      const { api, output } = contextOf(command);
      const { tier, region, expires } = options;
      const json = { node: name, tier, region, expiresInSeconds: Math.round(expires / 1000) };
      const made = await api.send<{ token: string; expiresAt: string }>('POST', '/v1/nodes/join-tokens', { json });
      output.note(`Good once, until ${made.expiresAt}. On the other machine:`);
      output.note(
        `presage node join --url ${api.config.url} --token TOKEN --address HOST:PORT --folder FOLDER --postgres URL --master-key FILE`,
      );
      await output.item(made, () => made.token);
    });

  node
    .command('join')
    .description('on the machine that joins: make its key, have it certified, and write the configuration of its agent')
    .requiredOption('--token <token>', 'from presage node join-token')
    .requiredOption('--address <host:port>', 'where the agent will listen and be reached')
    .option('--relay <host:port>', 'where its instances will be reached; default: the next port')
    .requiredOption('--folder <folder>', 'data folder of the node')
    .option('--postgres <url>', 'database of the platform, as it is reached from here')
    .option('--master-key <file>', 'file with the master key of the platform')
    .action(async (options: JoinOptions, command: Command) => {
      const { api, output, terminal } = contextOf(command);
      const folder = resolve(terminal.cwd, options.folder);
      const masterKey = options.masterKey === undefined ? undefined : resolve(terminal.cwd, options.masterKey);
      const joined = await joinPlatform({ ...options, masterKey, folder, url: api.config.url });
      for (const { what, missing } of joined.needs) if (missing !== null) output.note(`Missing: ${what}: ${missing}`);
      await output.item(joined, () => `Node ${joined.node} may join. Its agent reads PRESAGE_CONFIG=${joined.config}`);
    });

  node
    .command('rm')
    .description('take a node out that is drained or lost')
    .argument('<name>', 'name of the node')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, output, terminal } = contextOf(command);
      if (!options.yes) await confirm(terminal, `Take node ${name} out of the platform?`);
      await api.send('DELETE', path(name));
      output.note(`Node ${name} is no node of the platform any more`);
    });
}

/** Waits until it is drained, or something else was decided for it. */
async function drained(context: CommandContext, name: string): Promise<NodeResource> {
  let begun = false;
  for (;;) {
    const node = await context.api.get<NodeResource>(path(name));
    begun ||= node.decided === 'draining';
    if (node.decided === 'drained') return node;
    if (begun && node.decided !== 'draining') {
      context.failed();
      return node;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function show({ output }: CommandContext, node: NodeResource): Promise<void> {
  const { capacity, lastSeenAt } = node;
  await output.item(node, () =>
    output.fields([
      ['Node', node.name],
      ['Tier', node.tier],
      ['Region', node.region],
      ['State', node.state === node.decided ? node.state : `${node.state} (${node.decided} was decided)`],
      ['Reason', node.reason],
      ['Address', node.address],
      ['Labels', Object.entries(node.labels).map(([key, value]) => `${key}=${value}`).join(', ') || null], // prettier-ignore
      ['Memory', capacity && showBytes(capacity.memoryBytes)],
      ['Cores', capacity && capacity.cpuMillis / 1000],
      ['Slots', capacity && capacity.slots],
      ['Seen', lastSeenAt === null ? 'never' : `${showAge(lastSeenAt, Date.now())} ago`],
      ['Since', node.registeredAt],
    ]),
  );
}
