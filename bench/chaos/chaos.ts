import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { Components, placesOf } from '../harness/components';
import { deployVariant } from '../harness/deploy-variant';
import { openProbe } from '../harness/http-probe';
import { countOrphans } from '../harness/orphans';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { countRemains, findRemains, type Remains } from '../harness/remains';
import { playMixedTraffic } from '../mixed/mixed-traffic';
import { chaosResult, type ChaosRun } from './chaos-result';
import { mountSmallDisk } from './full-disk';
import { hurtInTurn, HURTS_PER_ROUND } from './hurts';
import { serviceProbe } from './service-probe';

const MINUTES = 30;
const QUICK_MINUTES = 3;
/** Each component comes round once in this many minutes. */
const MINUTES_PER_ROUND = 6;
const DISK_MIB = 2_048;
const FUNCTIONS = Array.from({ length: 6 }, (_, index) => `mixed-${index + 1}`);
const PER_SECOND = 8;
/** For what was accepted last to be answered. */
const ENDS_MS = 120_000;

export const chaosBench: Bench = {
  name: 'chaos',
  description:
    'replayed traffic of every sort while each component is killed in turn, the disk fills and processes are stopped: what is lost, broken, late or left over',
  options: {
    minutes: `how long; default ${MINUTES}, with --quick ${QUICK_MINUTES}`,
    seed: 'of the traffic; default 1',
  },
  run: measureChaos,
};

async function measureChaos(request: BenchRequest): Promise<BenchResult> {
  const { log } = request;
  const minutes = countOption(request, 'minutes', request.quick ? QUICK_MINUTES : MINUTES);
  const seed = countOption(request, 'seed', 1);
  const disk = mountSmallDisk(DISK_MIB);
  let platform: PrivatePlatform | undefined;
  try {
    log('starting a platform of its own, on a small disk');
    platform = await startPlatform({}, disk.folder);
    const { places, ...run } = await hurtPlatform(platform, disk.folder, minutes, seed, log);
    const logs = mkdtempSync(path.join(tmpdir(), 'presage-chaos-logs-'));
    cpSync(path.join(platform.dataDir, 'logs'), logs, { recursive: true });
    await platform.stop();
    platform = undefined;
    const remains = findRemains(places);
    logEach(log, 'left after the end', remains);
    const result = chaosResult({ ...run, remains: countRemains(remains) });
    if (result.figures.some(({ holds }) => holds === false)) log(`what the processes wrote: ${logs}`);
    else rmSync(logs, { recursive: true });
    return result;
  } finally {
    await platform?.stop();
    disk.unmount();
  }
}

async function hurtPlatform(
  platform: PrivatePlatform,
  disk: string,
  minutes: number,
  seed: number,
  log: BenchRequest['log'],
): Promise<Omit<ChaosRun, 'remains'> & { places: ReturnType<typeof placesOf> }> {
  log(`deploying ${FUNCTIONS.length} functions`);
  for (const name of FUNCTIONS) await deployVariant(platform, 'bench/mixed/function', name, MIXED_SPEC);
  const components = new Components(platform.config);
  const places = placesOf(platform.config, components);
  const seconds = minutes * 60;
  const rounds = Math.max(1, Math.floor(minutes / MINUTES_PER_ROUND));
  log(`${seconds} s of traffic, ${rounds * HURTS_PER_ROUND} hurts`);
  const traffic = playMixedTraffic({ platform, trace: 'azure12d', functions: FUNCTIONS, seconds, perSecond: PER_SECOND, seed }); // prettier-ignore
  const untilServing = serviceProbe(platform, FUNCTIONS[0] ?? '');
  const patient = { components, disk, now: traffic.now, untilServing };
  const everyMs = (seconds * 1000) / (rounds * HURTS_PER_ROUND);
  const hurts = await hurtInTurn(patient, rounds, everyMs, ({ what, how, at, recoveryMs }) => {
    const back = recoveryMs === null ? 'not back' : `back after ${recoveryMs.toFixed(0)} ms`;
    const failed = traffic.outcomes.filter(({ failure }) => failure !== null).length;
    log(`${(at / 1000).toFixed(0)} s: ${what} ${how}, ${back}; ${failed} of ${traffic.outcomes.length} failed so far`);
  });
  await traffic.ended;
  log('waiting for the ends of what was accepted');
  const probe = openProbe(platform.url, platform.apiKey);
  const ledger = await traffic.ledger.judge(probe, ENDS_MS);
  probe.close();
  traffic.requests.close();
  const left = await countOrphans(places);
  const orphans = countRemains(left);
  logEach(log, 'left over', left);
  return { outcomes: traffic.outcomes, hurts, ledger, orphans, places };
}

function logEach(log: BenchRequest['log'], what: string, remains: Remains): void {
  for (const [kind, items] of Object.entries(remains)) {
    for (const item of items as readonly unknown[]) log(`${what}: ${kind} ${JSON.stringify(item)}`);
  }
}

/** Retried soon, so that what a kill has broken off is done again within the bench. */
const MIXED_SPEC = { async: { backoff: { first: '200ms' } } } as Parameters<typeof deployVariant>[3];
