import path from 'node:path';
import { z } from 'zod';
import { createAgentClient } from '../../agent/rpc/agent-client';
import { agentAddress, type Config } from '../config';
import { gatewayUrl } from '../gateway-url';
import type { Environment } from './environment';
import { DeployedExamples, exampleFolders, functionNameOf } from './examples';
import { LogFile } from './process/log-file';
import type { PidRecord } from './process/pid-files';

const sandboxEventSchema = z.object({
  event: z.literal('agent.sandbox'),
  pid: z.number(),
  reasons: z.array(z.string()),
});

/** Where everything is reached; also what a second `npm start` says. */
export function addressesOf({ config, ownTemporal, temporalAddress }: Environment): Record<string, string> {
  const url = gatewayUrl(config);
  return {
    Gateway: url,
    ...(config.gateway.console ? { Console: `${url}/console` } : {}),
    'API docs': `${url}/docs`,
    Temporal: temporalAddress,
    ...(ownTemporal ? { 'Temporal UI': `http://127.0.0.1:${config.temporal.uiPort}` } : {}),
    Logs: path.join(config.dataDir, 'logs'),
  };
}

/** Lines under each other with their values aligned. */
export function table(entries: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(entries).map((name) => name.length));
  return Object.entries(entries)
    .map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
    .join('\n');
}

/** A line that calls a deployed example; the key is read from its file, so that it is on no screen and in no shell history. */
export function curlLine(config: Config): string | null {
  const deployed = new DeployedExamples(config.dataDir);
  const names = exampleFolders()
    .filter((folder) => deployed.has(folder))
    .map(functionNameOf);
  const name = names.find((candidate) => candidate.startsWith('hello')) ?? names[0];
  if (!name) return null;
  const file = path.join(config.dataDir, 'client.json');
  const key = `$(node -p 'JSON.parse(fs.readFileSync("${file}")).apiKey')`;
  return `curl -H "authorization: Bearer ${key}" ${gatewayUrl(config)}/fn/default/${name}/`;
}

/** How to log in at the console; like the key in `curlLine`, it is read from its file. Null where there is no console. */
export function consoleLine({ gateway, dataDir }: Pick<Config, 'gateway' | 'dataDir'>): string | null {
  if (!gateway.console) return null;
  return `Log in at the console with the key in ${path.join(dataDir, 'client.json')} (apiKey), or one of: presage key create NAME --scope read`;
}

/** How functions run on each node, as the agents say. */
export async function sandboxes(config: Config): Promise<readonly string[]> {
  return Promise.all(
    config.nodes.map(async (node) => {
      const client = createAgentClient(agentAddress(config, node), config.agent.tls);
      try {
        return `${node.name}: ${(await client.stats({ timeoutMs: 5_000 })).driver}`;
      } catch {
        return `${node.name}: not known yet`;
      } finally {
        client.close();
      }
    }),
  );
}

/** What an agent says its sandbox driver cannot do here, e.g. why functions are not isolated; from its log, where it says so at its start. */
export function sandboxLimits(config: Config, pids: readonly PidRecord[]): readonly string[] {
  return config.nodes.flatMap((node) => {
    const name = `agent-${node.name}`;
    const pid = pids.find((record) => record.name === name)?.pid;
    const log = new LogFile(path.join(config.dataDir, 'logs', `${name}.log`));
    const reasons = log.lastLines(200).flatMap((line) => reasonsOf(line, pid));
    return reasons.map((reason) => `${name}: ${reason.split('\n')[0] ?? ''}`);
  });
}

function reasonsOf(line: string, pid: number | undefined): readonly string[] {
  try {
    const said = sandboxEventSchema.parse(JSON.parse(line));
    return said.pid === pid ? said.reasons : [];
  } catch {
    return [];
  }
}

/** What runs from a data folder: its addresses and its processes. */
export function platformLines(supervisor: PidRecord, children: readonly PidRecord[]): string {
  const pids = Object.fromEntries(children.map(({ name, pid }) => [name, `pid ${pid}`]));
  return table({ ...supervisor.addresses, ...pids });
}

/** For a second `npm start`. */
export function alreadyRuns(supervisor: PidRecord, children: readonly PidRecord[]): string {
  const since = new Date(supervisor.startedAt).toLocaleString();
  const state = supervisor.ready ? 'runs' : 'is starting';
  const first = `Presage ${state} already from this data folder, since ${since}. End it with: npm run stop`;
  return `${first}\n${platformLines(supervisor, children)}`;
}
