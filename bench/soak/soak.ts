import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { Components } from '../harness/components';
import { deployVariant } from '../harness/deploy-variant';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import type { Point } from '../harness/trend';
import { playMixedTraffic } from '../mixed/mixed-traffic';
import { sampleProcess, type ProcessSample } from './process-sample';
import { soakResult, type SoakRun } from './soak-result';

const MINUTES = 60;
const QUICK_MINUTES = 3;
const SAMPLE_MS = 10_000;
const FUNCTIONS = Array.from({ length: 4 }, (_, index) => `mixed-${index + 1}`);
const PER_SECOND = 10;
/** Before the first sample: first starts, first checkpoints, compilation of what is hot. */
const SETTLE_SECONDS = 30;
const MINUTE_MS = 60_000;

export const soakBench: Bench = {
  name: 'soak',
  description: 'steady mixed traffic for an hour: memory, descriptors, event loops and latency, and whether they drift',
  options: {
    minutes: `how long; default ${MINUTES}, with --quick ${QUICK_MINUTES}`,
    seed: 'of the traffic; default 1',
  },
  run: measureSoak,
};

async function measureSoak(request: BenchRequest): Promise<BenchResult> {
  const { log } = request;
  const minutes = countOption(request, 'minutes', request.quick ? QUICK_MINUTES : MINUTES);
  const seed = countOption(request, 'seed', 1);
  const loops = mkdtempSync(path.join(tmpdir(), 'presage-loops-'));
  const preload = `--require=${assetPath('bench/soak/loop-probe.js')}`;
  const options = [process.env['NODE_OPTIONS'], preload].filter(Boolean).join(' ');
  log('starting a platform of its own');
  const platform = await startPlatform({ NODE_OPTIONS: options, PRESAGE_BENCH_LOOPS: loops });
  try {
    return soakResult(await soakPlatform(platform, loops, minutes, seed, log));
  } finally {
    await platform.stop();
    rmSync(loops, { recursive: true, force: true });
  }
}

async function soakPlatform(
  platform: PrivatePlatform,
  loops: string,
  minutes: number,
  seed: number,
  log: BenchRequest['log'],
): Promise<SoakRun> {
  log(`deploying ${FUNCTIONS.length} functions`);
  for (const name of FUNCTIONS) await deployVariant(platform, 'bench/mixed/function', name, {});
  const components = new Components(platform.config);
  const seconds = minutes * 60 + SETTLE_SECONDS;
  log(`${seconds} s of traffic, of which the first ${SETTLE_SECONDS} are not counted`);
  const traffic = playMixedTraffic({ platform, trace: 'azure12d', functions: FUNCTIONS, seconds, perSecond: PER_SECOND, seed }); // prettier-ignore
  await new Promise((resolve) => setTimeout(resolve, SETTLE_SECONDS * 1000));
  const settledAt = traffic.now();
  const since = Date.now();
  const samples: ProcessSample[] = [];
  const pids = new Map<string, Set<number>>();
  const sample = (): void => {
    for (const { name, pid } of components.running()) {
      pids.set(name, (pids.get(name) ?? new Set()).add(pid));
      samples.push(sampleProcess(name, pid, name === 'postgres', Date.now() - since));
    }
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  await traffic.ended;
  clearInterval(timer);
  traffic.requests.close();
  const delays = new Map([...pids].map(([name, each]) => [name, [...each].flatMap((pid) => delaysOf(loops, pid, since))])); // prettier-ignore
  const outcomes = traffic.outcomes.filter(({ begun }) => begun >= settledAt);
  return {
    samples: samples.map((each) => ({ ...each, at: each.at / MINUTE_MS })),
    delays: new Map([...delays].filter(([, points]) => points.length > 1)),
    outcomes: outcomes.map((outcome) => ({ ...outcome, begun: (outcome.begun - settledAt) / MINUTE_MS })),
    restarted: [...pids].filter(([, each]) => each.size > 1).map(([name]) => name),
  };
}

/** What the preloaded probe of a process wrote: minutes, and the 99th percentile of a period's delays. */
function delaysOf(folder: string, pid: number, since: number): Point[] {
  let text = '';
  try {
    text = readFileSync(path.join(folder, String(pid)), 'utf8');
  } catch {
    return []; // it has no event loop
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([at = 0, p99 = 0]) => ({ at: (at - since) / MINUTE_MS, value: p99 }))
    .filter(({ at }) => at >= 0);
}
