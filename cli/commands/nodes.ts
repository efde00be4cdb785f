import { resolve } from 'node:path';
import { Option } from 'commander';
import { TIERS } from '../../core/function/manifest';
import type { InstanceResource, NodeResource } from '../api-resources';
import type { CommandContext, ContextOf } from '../command-context';
import { followJob } from '../follow-job';
import { listVerb } from '../list-verb';
import { joinPlatform } from '../join-platform';
import { durationOption } from '../option-values';
import { showAgo, showBytes } from '../quantities';
import { removeVerb } from '../remove-verb';
import type { Verb } from '../verb';

const path = (name: string, what = ''): string => `/v1/nodes/${encodeURIComponent(name)}${what}`;

interface DrainOptions {
  readonly reason?: string;
  readonly wait: boolean;
  readonly dryRun?: boolean;
}

interface JoinOptions {
  readonly token: string;
  readonly address: string;
  readonly relay?: string;
  readonly folder: string;
  readonly postgres?: string;
  readonly masterKey?: string;
}

/** Nodes: who is there, and which of them take work. */
export function addNodes(program: Verb, contextOf: ContextOf): void {
  const node = program.command('node').alias('nodes').description('machines of the platform; for its operators');

  listVerb<NodeResource>(
    node
      .command('list')
      .alias('ls')
      .description('all nodes, with region, state and capacity')
      .example('presage node list'),
    contextOf,
    'GET /v1/nodes',
    {
      columns: [
        ['NODE', (row) => row.name],
        ['TIER', (row) => row.tier],
        ['REGION', (row) => row.region],
        ['STATE', (row) => row.state],
        ['MEMORY', (row) => row.capacity && showBytes(row.capacity.memoryBytes)],
        ['CORES', (row) => row.capacity && row.capacity.cpuMillis / 1000],
        ['SLOTS', (row) => row.capacity && row.capacity.slots],
        ['SEEN', (row) => showAgo(row.lastSeenAt) ?? 'never'],
        ['REASON', (row) => row.reason],
      ],
      none: 'There are no nodes',
    },
  );

  node
    .command('show')
    .description('one node')
    .argument('<node>', 'name of the node')
    .calls('GET /v1/nodes/{name}')
    .example('presage node show edge-1')
    .action(async (name: string, _options: object, command: Verb) => {
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
      .argument('<node>', 'name of the node')
      .calls(`POST /v1/nodes/{name}/${word}`)
      .example(`presage node ${word} edge-1 --reason "new disk"`)
      .option('--reason <text>', 'why, for people')
      .action(async (name: string, options: { reason?: string }, command: Verb) => {
        const context = contextOf(command);
        await show(context, await context.api.send<NodeResource>('POST', path(name, `/${word}`), { json: options }));
      });
  }

  node
    .command('drain')
    .description('move every function away, then end what is left')
    .argument('<node>', 'name of the node')
    .option('--reason <text>', 'why, for people')
    .option('--no-wait', 'return as soon as it has begun')
    .option('--dry-run', 'tell what would move, and change nothing')
    .calls('POST /v1/nodes/{name}/drain', 'GET /v1/nodes/{name}', 'GET /v1/nodes', 'GET /v1/instances')
    .example('presage node drain edge-1 --dry-run', 'presage node drain edge-1 --reason "new disk"')
    .action(async (name: string, { reason, wait, dryRun }: DrainOptions, command: Verb) => {
      const context = contextOf(command);
      if (dryRun) return wouldDrain(context, name);
      const json = reason === undefined ? {} : { reason };
      const begun = await context.api.send<{ workflowId: string; node: NodeResource }>('POST', path(name, '/drain'), { json }); // prettier-ignore
      context.output.note(`Workflow ${begun.workflowId} drains ${name}; presage node uncordon ${name} ends it`);
      await show(context, wait ? await drained(context, name) : begun.node);
    });

  node
    .command('join-token')
    .description('let an agent of another machine join, once')
    .argument('<name>', 'what the node is to be called')
    .calls('POST /v1/nodes/join-tokens')
    .example('presage node join-token edge-7 --tier edge --region eu-west')
    .addOption(new Option('--tier <tier>', 'edge, regional or central').choices(TIERS).default('edge'))
    .option('--region <region>', 'where it stands', 'local')
    .option('--expires <duration>', 'how long the token is good, at most 24h', durationOption, 3_600_000)
    .action(async (name: string, options: { tier: string; region: string; expires: number }, command: Verb) => {
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
    .calls('POST /nodes/join')
    .example('presage node join --token TOKEN --address 192.0.2.7:7443 --folder /var/lib/presage')
    .action(async (options: JoinOptions, command: Verb) => {
      const { api, output, terminal } = contextOf(command);
      const folder = resolve(terminal.cwd, options.folder);
      const masterKey = options.masterKey === undefined ? undefined : resolve(terminal.cwd, options.masterKey);
      const joined = await joinPlatform({ ...options, masterKey, folder, url: api.config.url });
      for (const { what, missing } of joined.needs) if (missing !== null) output.note(`Missing: ${what}: ${missing}`);
      await output.item(joined, () => `Node ${joined.node} may join. Its agent reads PRESAGE_CONFIG=${joined.config}`);
    });

  removeVerb(
    node
      .command('delete')
      .alias('rm')
      .description('take a node out that is drained or lost')
      .argument('<node>', 'name of the node')
      .example('presage node rm edge-1 --yes'),
    contextOf,
    'DELETE /v1/nodes/{name}',
    {
      ask: (name) => `Take node ${name} out of the platform?`,
      told: (name) => `Node ${name} is no node of the platform any more`,
    },
  );
}

/** Waits until it is drained, or something else was decided for it. */
async function drained(context: CommandContext, name: string): Promise<NodeResource> {
  let begun = false;
  const node = await followJob<NodeResource>(context, {
    path: path(name),
    ended: ({ decided }) => {
      begun ||= decided === 'draining';
      return decided === 'drained' || (begun && decided !== 'draining');
    },
    step: () => `Draining ${name}`,
  });
  if (node.decided !== 'drained') context.failed();
  return node;
}

/** What runs there, and where it could go. */
async function wouldDrain({ api, output }: CommandContext, name: string): Promise<void> {
  const [node, nodes, instances] = await Promise.all([
    api.get<NodeResource>(path(name)),
    api.list<NodeResource>('/v1/nodes'),
    api.list<InstanceResource>('/v1/instances', { node: name, live: true }),
  ]);
  const functions = [...new Set(instances.map((instance) => instance.function))].sort();
  const others = nodes
    .filter((other) => other.name !== node.name && other.state === 'ready')
    .map((other) => other.name);
  const what = `${instances.length} instance(s) of ${functions.join(', ') || 'no function'} would leave ${name}`;
  const where = others.length > 0 ? ` for ${others.join(', ')}` : ': there is no other ready node, and they could not start anew'; // prettier-ignore
  await output.dryRun({ node: name, state: node.state, instances: instances.length, functions, others }, what + where);
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
      ['Seen', showAgo(lastSeenAt) ?? 'never'],
      ['Since', node.registeredAt],
    ]),
  );
}
