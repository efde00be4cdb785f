import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { Components, placesOf } from '../harness/components';
import { deployVariant } from '../harness/deploy-variant';
import { jsonOf, openProbe, type Probe } from '../harness/http-probe';
import { countOrphans } from '../harness/orphans';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { countRemains } from '../harness/remains';
import { migrateResult, type MeasuredMove, type MigrateRun } from './migrate-result';
import { drainNode, loseNode, type NodeGoing } from './node-going';
import { SteadyLoad } from './steady-load';

const MOVES = 100;
const QUICK_MOVES = 6;
const NODES = ['edge-1', 'central-1'] as const;
const FUNCTION = 'mover';
/** Before the first move, and after each. */
const WARM_UP_MS = 8_000;
const QUIET_MS = 2_500;
const LOOK_MS = 50;
const PATIENCE_MS = 120_000;
/** For what was accepted last to be answered. */
const ENDS_MS = 60_000;
/** What rests on a node that the function has left is gone by then: it rests for a second. */
const SETTLED_MS = 15_000;

export const migrateBench: Bench = {
  name: 'migrate',
  description:
    'moves of a function between two nodes, back and forth under a steady load with streams and async invocations, then a drain and the loss of a node: what fails, what is lost, what waits',
  options: {
    moves: `how many; default ${MOVES}, with --quick ${QUICK_MOVES}`,
    rate: 'plain requests a second; default 200',
  },
  run: measureMoves,
};

async function measureMoves(request: BenchRequest): Promise<BenchResult> {
  const { log } = request;
  const moves = countOption(request, 'moves', request.quick ? QUICK_MOVES : MOVES);
  const rate = countOption(request, 'rate', 200);
  log('starting a platform of two nodes of its own');
  const nodes = NODES.map((name) => ({ name, tier: name.split('-')[0] }));
  const platform = await startPlatform({ PRESAGE__NODES: JSON.stringify(nodes) });
  try {
    return migrateResult(await moveAbout(platform, moves, rate, log), rate);
  } finally {
    await platform.stop();
  }
}

async function moveAbout(
  platform: PrivatePlatform,
  count: number,
  rate: number,
  log: BenchRequest['log'],
): Promise<MigrateRun> {
  await deployVariant(platform, 'bench/mixed/function', FUNCTION, {
    concurrency: 4,
    scale: { max: 40, keepAlive: '1s' },
  });
  const probe = openProbe(platform.url, platform.apiKey);
  const load = new SteadyLoad(platform, FUNCTION, rate);
  const moves: MeasuredMove[] = [];
  try {
    await sleep(WARM_UP_MS);
    const measuredFrom = load.now();
    await sleep(QUIET_MS);
    for (let number = 1; number <= count; number++) {
      const to = (await placedOn(probe)) === NODES[0] ? NODES[1] : NODES[0];
      const move = await moveTo(probe, to, load);
      moves.push(move);
      await sleep(QUIET_MS);
      const took = ((move.ended - move.begun) / 1000).toFixed(1);
      log(`${number} of ${count}: ${move.state} in ${took} s, ${load.failures.length} requests failed so far`);
    }
    const goings = await nodesGo(platform, probe, load, log);
    await load.end();
    log('waiting for the ends of what was accepted');
    const ledger = await load.ledger.judge(probe, ENDS_MS);
    await sleep(SETTLED_MS);
    const placed = await placedOn(probe);
    const strays = (await instancesOf(probe)).filter(({ node }) => node !== placed).length;
    const components = new Components(platform.config);
    const orphans = countRemains(await countOrphans(placesOf(platform.config, components)));
    return { moves, goings, outcomes: load.outcomes, measuredFrom, ledger, strays, orphans };
  } finally {
    load.close();
    probe.close();
  }
}

/** The node that serves is drained; then the other one, which serves since, is lost. */
async function nodesGo(
  platform: PrivatePlatform,
  probe: Probe,
  load: SteadyLoad,
  log: BenchRequest['log'],
): Promise<NodeGoing[]> {
  const first = (await placedOn(probe)) ?? NODES[0];
  const second = first === NODES[0] ? NODES[1] : NODES[0];
  log(`draining ${first}`);
  const drained = await drainNode(probe, first, load);
  await sleep(QUIET_MS);
  await probe.send(`/v1/nodes/${first}/uncordon`, { method: 'POST' });
  await sleep(QUIET_MS);
  log(`losing ${second}`);
  const lost = await loseNode(platform.config, second, load, async () => (await placedOn(probe)) === first);
  await sleep(2 * QUIET_MS);
  lost.back();
  return [drained, lost];
}

/** One move, from its request to its record's end. */
async function moveTo(probe: Probe, to: string, load: SteadyLoad): Promise<MeasuredMove> {
  const begun = load.now();
  const body = JSON.stringify({ function: FUNCTION, to, holdSeconds: 0.5 });
  const { id } = jsonOf<{ id: string }>(await probe.send('/v1/migrations', { method: 'POST', body }));
  for (;;) {
    const { state, error } = jsonOf<{ state: string; error: string | null }>(await probe.send(`/v1/migrations/${id}`));
    if (state !== 'running') return { to, begun, ended: load.now(), state, error };
    if (load.now() - begun > PATIENCE_MS) return { to, begun, ended: load.now(), state: 'stuck', error };
    await sleep(LOOK_MS);
  }
}

async function placedOn(probe: Probe): Promise<string | undefined> {
  const path = `/v1/functions/${FUNCTION}/placement`;
  const { nodes } = jsonOf<{ nodes: { node: string; weight: number | null }[] }>(await probe.send(path));
  return nodes.find(({ weight }) => weight === 100)?.node;
}

async function instancesOf(probe: Probe): Promise<{ node: string }[]> {
  const path = `/v1/instances?function=${FUNCTION}&live=true`;
  return jsonOf<{ items: { node: string }[] }>(await probe.send(path)).items;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
