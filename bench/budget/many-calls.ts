import { deployHot, gatewayTarget } from '../harness/hot-gateway';
import { runLoad } from '../harness/run-load';
import { pause } from '../starts/start-samples';
import type { ScenarioWorld } from './budget-scenario';

/** Of one load, after which something is killed. */
const LOAD_MS = 20_000;
const CONNECTIONS = 16;
const KILLED = ['gateway', 'control', 'postgres'] as const;
const HEALS_MS = 60_000;
/** Until what was recorded last is written, and until its minute is over. */
const [WRITTEN_MS, OVER_MS] = [6_000, 61_000] as const;

/** What comparing the ledger with the records of all calls came to. */
export interface ComparedCalls {
  /** That have a record. */
  readonly calls: number;
  /** Sums of a function, minute and component that are not equal to the picodollar. */
  readonly differences: number;
  /** Calls whose price table nobody knows. */
  readonly unpriced: number;
  readonly kills: number;
}

/** Sends so many calls, kills a component after each load, and compares the ledger of all with their records. */
export async function compareManyCalls(world: ScenarioWorld, wanted: number, since: Date): Promise<ComparedCalls> {
  const { platform, components, store, log } = world;
  await deployHot(platform);
  let sent = 0;
  let kills = 0;
  while (sent < wanted) {
    const { to: target, path, headers } = gatewayTarget('gateway', platform);
    const load = { target, path, headers, connections: CONNECTIONS, warmUpMs: 0, measureMs: LOAD_MS, pids: [] };
    sent += (await runLoad(load)).requests;
    const component = KILLED[kills++ % KILLED.length] ?? 'gateway';
    const { healedMs } = await components.kill(component, HEALS_MS);
    log(`${sent} of ${wanted} calls; ${component} killed${healedMs === null ? ', and not back' : ''}`);
  }
  await pause(WRITTEN_MS + OVER_MS);
  const to = minuteOf(new Date());
  await store.postLedger(new Date());
  const from = minuteOf(since);
  const { calls, differences, unpriced, examples } = await store.compareLedger({ tenant: null, from, to });
  for (const { functionId, minute, component, recorded, charged } of examples) {
    log(`${functionId} ${minute.toISOString()} ${component}: ${recorded} recorded, ${charged} charged`);
  }
  return { calls, differences, unpriced, kills };
}

/** The ledger counts by minutes. */
function minuteOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 60_000) * 60_000);
}
