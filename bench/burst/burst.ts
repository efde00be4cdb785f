import type { Bench, BenchRequest, BenchResult } from '../bench';
import { deployVariant } from '../harness/deploy-variant';
import { openProbe, type Probe } from '../harness/http-probe';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { figure, type Figure } from '../harness/report';
import { runLoad } from '../harness/run-load';
import { quantile } from '../harness/statistics';
import { pause } from '../starts/start-samples';
import { singleRestores, sendBurst, type Burst } from './send-burst';

export const burstBench: Bench = {
  name: 'burst',
  description:
    '200 requests at once on a function with no instance, one and ten requests an instance; and what another function feels of it',
  options: { rounds: 'bursts of each kind; default 10, with --quick 3' },
  run: measureBursts,
};

const WIDTH = 200;
const CASES = [
  { name: 'c1', concurrency: 1 },
  { name: 'c10', concurrency: 10 },
] as const;
const NEIGHBOUR = 'bench-neighbour';
/** Single restores that a burst is held against. */
const SINGLE_RESTORES = 30;
/** The neighbour's load: a few callers, each with a pause, far from what one instance can do. */
const NEIGHBOUR_LOAD = { connections: 4, pauseMs: 10, warmUpMs: 500, measureMs: 1_500 };
/** From the start of the neighbour's load, so that the burst falls into the time that is measured. */
const BURST_AFTER_MS = 800;

interface CaseResult {
  readonly name: string;
  readonly bursts: readonly Burst[];
  readonly quietP95: readonly number[];
  readonly burstP95: readonly number[];
  readonly neighbourErrors: number;
  /** Milliseconds, of single starts while nothing else went on: p99 to the first byte, and the median execution. */
  readonly restoreP99: number;
  readonly executeP50: number;
  readonly concurrency: number;
}

async function measureBursts(request: BenchRequest): Promise<BenchResult> {
  const rounds = Number(request.values['rounds'] ?? (request.quick ? 3 : 10));
  if (!Number.isInteger(rounds) || rounds < 3) throw new RangeError('--rounds must be a whole number from 3 on');
  request.log('starting a platform of its own');
  const platform = await startPlatform({ PRESAGE__AGENT__LINGER: '100ms' });
  const probe = openProbe(platform.url, platform.apiKey);
  try {
    await platform.pauseWarmPools();
    await deployVariant(platform, 'examples/hello-node', NEIGHBOUR, { concurrency: 10, scale: { min: 1, max: 2 } });
    const results: CaseResult[] = [];
    for (const { name, concurrency } of CASES) {
      results.push(await measureCase(platform, probe, name, concurrency, rounds, request));
    }
    return { figures: results.flatMap(figuresOf), sections: sectionsOf(results) };
  } finally {
    probe.close();
    await platform.stop();
  }
}

async function measureCase(
  platform: PrivatePlatform,
  probe: Probe,
  name: string,
  concurrency: number,
  rounds: number,
  { log, quick }: BenchRequest,
): Promise<CaseResult> {
  const target = `bench-burst-${name}`;
  // No instance is left a moment after the burst: the next one meets a cold function again, with a checkpoint.
  const scale = { max: WIDTH, keepAlive: '1ms' };
  await deployVariant(platform, 'examples/hello-node', target, { concurrency, scale });
  await probe.send(`/fn/default/${target}/`);
  log(`${name}: single restores`);
  const singles = await singleRestores(probe, target, quick ? 10 : SINGLE_RESTORES);
  const bursts: Burst[] = [];
  const quietP95: number[] = [];
  const burstP95: number[] = [];
  let neighbourErrors = 0;
  const neighbour = {
    target: { port: Number(new URL(platform.url).port) },
    path: `/fn/default/${NEIGHBOUR}/`,
    headers: { authorization: `Bearer ${platform.apiKey}` },
    pids: [],
    ...NEIGHBOUR_LOAD,
  };
  for (let round = 1; round <= rounds; round++) {
    log(`${name}: burst ${round} of ${rounds}`);
    const quiet = await runLoad(neighbour);
    const [loud, burst] = await Promise.all([
      runLoad(neighbour),
      pause(BURST_AFTER_MS).then(() => sendBurst(probe, target, WIDTH)),
    ]);
    quietP95.push(quiet.p95Us / 1000);
    burstP95.push(loud.p95Us / 1000);
    neighbourErrors += quiet.errors + loud.errors;
    bursts.push(burst);
  }
  const [restoreP99, executeP50] = [quantile(singles.firstByte, 0.99), quantile(singles.execute, 0.5)];
  return { name, bursts, quietP95, burstP95, neighbourErrors, restoreP99, executeP50, concurrency };
}

/**
 * What a request of the burst may have to wait for: one restore, and the executions before it on its instance, were the
 * burst spread evenly over the instances that served it.
 */
function expectedMs({ restoreP99, executeP50, concurrency }: CaseResult, burst: Burst): number {
  const turns = Math.ceil(WIDTH / (Math.max(1, burst.instances) * concurrency));
  return restoreP99 + executeP50 * turns;
}

function figuresOf(result: CaseResult): Figure[] {
  const { name, bursts, quietP95, burstP95 } = result;
  const median = (values: readonly number[]): number => quantile(values, 0.5);
  const errors = bursts.reduce((sum, burst) => sum + burst.errors, 0) + result.neighbourErrors;
  const p99 = (burst: Burst): number => quantile(burst.totals, 0.99);
  const { length } = bursts;
  return [
    figure(`burst.${name}.errors`, 'count', errors, WIDTH * length, { atMost: 0 }),
    figure(
      `burst.${name}.p99.to-expected`,
      'ratio',
      median(bursts.map((b) => p99(b) / expectedMs(result, b))),
      length,
      {
        atMost: 3,
      },
    ),
    figure(`burst.${name}.starts.to-needed`, 'ratio', median(bursts.map((b) => b.started / b.instances)), length, {
      atMost: 1.1,
    }),
    figure(
      `burst.${name}.neighbour.p95.to-quiet`,
      'ratio',
      median(burstP95.map((value, index) => value / (quietP95[index] ?? Number.NaN))),
      length,
      { atMost: 1.5 },
    ),
    figure(`burst.${name}.p50`, 'ms', median(bursts.map((b) => quantile(b.totals, 0.5))), length),
    figure(`burst.${name}.p99`, 'ms', median(bursts.map(p99)), length),
    figure(`burst.${name}.restore.p99`, 'ms', result.restoreP99, 1),
    figure(`burst.${name}.execute.p50`, 'ms', result.executeP50, 1),
    figure(`burst.${name}.execute-in-burst.p50`, 'ms', median(bursts.map((b) => b.executeP50)), length),
    figure(`burst.${name}.instances`, 'count', median(bursts.map((b) => b.instances)), length),
    figure(`burst.${name}.started`, 'count', median(bursts.map((b) => b.started)), length),
    figure(`burst.${name}.neighbour.quiet.p95`, 'ms', median(quietP95), length),
    figure(`burst.${name}.neighbour.burst.p95`, 'ms', median(burstP95), length),
  ];
}

function sectionsOf(results: readonly CaseResult[]): string[] {
  const range = (values: readonly number[]): string =>
    [0.5, 0, 1]
      .map((q) => quantile(values, q).toFixed(1))
      .map((text, index) => ['', ' (', ' to '][index] + text)
      .join('') + ')';
  return [
    '## Each case, medians (and ranges) over its bursts',
    '',
    'A start was needed when its instance served at least one request of the burst.',
    '',
    '| case | p99 ms | expected ms | started | needed | neighbour quiet p95 ms | neighbour p95 ms | start kinds |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map((result) => {
      const { bursts } = result;
      const kinds = new Map<string, number>();
      for (const burst of bursts)
        for (const [kind, count] of burst.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
      const cells = [
        range(bursts.map((burst) => quantile(burst.totals, 0.99))),
        range(bursts.map((burst) => expectedMs(result, burst))),
        range(bursts.map((burst) => burst.started)),
        range(bursts.map((burst) => burst.instances)),
        range(result.quietP95),
        range(result.burstP95),
        [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '),
      ];
      return `| ${result.name} | ${cells.join(' | ')} |`;
    }),
  ];
}
