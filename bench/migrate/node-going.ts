import { createAgentClient } from '../../agent/rpc/agent-client';
import { agentAddress, type Config } from '../../workers/config';
import { Components } from '../harness/components';
import { jsonOf, type Probe } from '../harness/http-probe';
import { figure, type Figure } from '../harness/report';
import type { MixedOutcome } from '../mixed/mixed-outcome';
import type { SteadyLoad } from './steady-load';

/** A node that functions had to leave. Times in milliseconds on the clock of the outcomes. */
export interface NodeGoing {
  readonly how: 'drained' | 'lost';
  readonly begun: number;
  /** Null: it did not come to that in time. */
  readonly ended: number | null;
}

const PATIENCE_MS = 120_000;
const LOOK_MS = 50;
/** A request that waits longer is not served as usual. */
const USUAL_WAIT_MS = 500;

/** Drains a node for good. @returns when its state was `drained` */
export async function drainNode(probe: Probe, node: string, load: SteadyLoad): Promise<NodeGoing> {
  const begun = load.now();
  await probe.send(`/v1/nodes/${node}/drain`, { method: 'POST' });
  const state = async (): Promise<string> => jsonOf<{ state: string }>(await probe.send(`/v1/nodes/${node}`)).state;
  return { how: 'drained', begun, ended: await momentOf(load, async () => (await state()) === 'drained') };
}

/**
 * Takes a node away as if its machine had stopped: its agent and its instances are killed, and the supervisor, which would
 * start the agent anew, is stopped until the node may come back.
 * @param elsewhere whether the function is placed on another node
 */
export async function loseNode(
  config: Config,
  node: string,
  load: SteadyLoad,
  elsewhere: () => Promise<boolean>,
): Promise<NodeGoing & { readonly back: () => void }> {
  const running = new Components(config).running();
  const agent = running.find(({ name }) => name === `agent-${node}`);
  const supervisor = running.find(({ name }) => name === 'supervisor');
  if (!agent || !supervisor) throw new Error(`the agent of ${node} does not run`);
  const client = createAgentClient(agentAddress(config, { name: node }));
  const { instances } = await client.stats();
  client.close();
  const begun = load.now();
  process.kill(supervisor.pid, 'SIGSTOP');
  process.kill(agent.pid, 'SIGKILL');
  for (const { pid } of instances) if (pid > 0) process.kill(pid, 'SIGKILL');
  const ended = await momentOf(load, elsewhere);
  return { how: 'lost', begun, ended, back: () => void process.kill(supervisor.pid, 'SIGCONT') };
}

/** How long it took, and from when on every new request was served as usual. */
export function goingFigures(outcomes: readonly MixedOutcome[], goings: readonly NodeGoing[]): Figure[] {
  return goings.flatMap(({ how, begun, ended }, index) => {
    const until = goings[index + 1]?.begun ?? Infinity;
    // What was under way when the next one went has felt that one.
    const felt = outcomes.filter((outcome) => outcome.ended >= begun && outcome.ended < until);
    const unusual = felt.filter(
      (outcome) => outcome.failure !== null || (outcome.kind === 'plain' && waitOf(outcome) > USUAL_WAIT_MS),
    );
    const failed = unusual.filter(({ failure }) => failure !== null).length;
    const lastUnusual = Math.max(begun, ...unusual.map((outcome) => outcome.begun));
    return [
      figure(`migrate.${how}.seconds`, 's', ended === null ? Number.POSITIVE_INFINITY : (ended - begun) / 1000, 1),
      figure(`migrate.${how}.served-as-usual-after`, 's', (lastUnusual - begun) / 1000, felt.length),
      figure(`migrate.${how}.failed`, 'requests', failed, felt.length, ...(how === 'drained' ? [{ atMost: 0 }] : [])),
    ];
  });
}

function waitOf({ begun, ended, executeMs }: MixedOutcome): number {
  return ended - begun - executeMs;
}

async function momentOf(load: SteadyLoad, holds: () => Promise<boolean>): Promise<number | null> {
  const begun = load.now();
  while (load.now() - begun < PATIENCE_MS) {
    if (await holds().catch(() => false)) return load.now();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return null;
}
