import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { deployVariant } from '../harness/deploy-variant';
import { jsonOf, openProbe, type Probe } from '../harness/http-probe';
import { startPlatform } from '../harness/platform';
import { figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import { joinRecords, ofKind, pause, sampleStarts, type StartSample } from '../starts/start-samples';

export const contendedBench: Bench = {
  name: 'contended',
  description: 'cold starts of one function while another has 20 instances started ahead, against the same in quiet',
  options: { rounds: 'times that 20 instances are started; default 12, with --quick 4' },
  run: measureContended,
};

const VICTIM = 'bench-victim';
const INSTANCES = 20;
const QUIET_SAMPLES = 12;
/** After each cold start, until its instance has ended and the next one is cold again. */
const PAUSE_MS = 60;
const PATIENCE_MS = 60_000;
const CROWDS = [
  { name: 'cold', spec: { checkpoint: { when: 'never' as const } } },
  { name: 'restored', spec: { checkpoint: { when: 'deploy' as const, warmUp: [{ path: '/' }] } } },
];

interface Round {
  readonly quiet: readonly StartSample[];
  readonly contended: readonly StartSample[];
  /** From the first to the last of the other function's starts. */
  readonly crowdMs: number;
}

async function measureContended(request: BenchRequest): Promise<BenchResult> {
  const rounds = countOption(request, 'rounds', request.quick ? 4 : 12);
  request.log('starting a platform of its own');
  const platform = await startPlatform({ PRESAGE__AGENT__LINGER: '20ms' });
  const probe = openProbe(platform.url, platform.apiKey);
  try {
    await platform.pauseWarmPools();
    const spec = { scale: { keepAlive: '1ms' }, checkpoint: { when: 'never' as const } };
    await deployVariant(platform, 'examples/hello-node', VICTIM, spec);
    const figures = [];
    const sections = ['## Cold starts, milliseconds to the first byte', '', TABLE_HEAD];
    for (const crowd of CROWDS) {
      const all: Round[] = [];
      for (let round = 1; round <= rounds; round++) {
        request.log(`${crowd.name}: round ${round} of ${rounds}`);
        const name = `bench-crowd-${crowd.name}-${round}`;
        const scale = { min: INSTANCES, max: INSTANCES, keepAlive: '1ms' };
        const deploy = (): Promise<void> =>
          deployVariant(platform, 'examples/hello-node', name, { ...crowd.spec, scale });
        all.push(await measureRound(probe, name, deploy));
      }
      const times = (of: keyof Pick<Round, 'quiet' | 'contended'>): number[] =>
        all.flatMap((round) => round[of].map(({ firstByteMs }) => firstByteMs));
      const [quiet, contended] = [times('quiet'), times('contended')];
      const ratio = quantile(contended, 0.95) / quantile(quiet, 0.95);
      figures.push(
        figure(`contended.${crowd.name}.p95.to-quiet`, 'ratio', ratio, contended.length, { atMost: 1.5 }),
        figure(`contended.${crowd.name}.p95`, 'ms', quantile(contended, 0.95), contended.length),
        figure(`quiet.${crowd.name}.p95`, 'ms', quantile(quiet, 0.95), quiet.length),
      );
      const crowdMs = quantile(
        all.map((round) => round.crowdMs),
        0.5,
      );
      sections.push(rowOf(`20 ${crowd.name} ahead`, contended, crowdMs), rowOf('quiet', quiet, null));
    }
    return { figures, sections };
  } finally {
    probe.close();
    await platform.stop();
  }
}

/** Quiet cold starts, then those that fall between the first and the last start of the other function's instances. */
async function measureRound(probe: Probe, crowd: string, deploy: () => Promise<void>): Promise<Round> {
  const quiet = ofKind(await sampleStarts(probe, VICTIM, QUIET_SAMPLES, PAUSE_MS, () => undefined), 'cold');
  let crowded = false;
  const sampling = (async () => {
    const answers = [];
    while (!crowded) {
      answers.push(await probe.send(`/fn/default/${VICTIM}/`));
      await pause(PAUSE_MS);
    }
    return joinRecords(probe, VICTIM, answers);
  })();
  let starts: number[] = [];
  try {
    await deploy();
    // The agent holds the declared minimum from the first request on; the instance of the deploy is there already.
    await probe.send(`/fn/default/${crowd}/`);
    starts = (await startsOf(probe, crowd)).sort((a, b) => a - b).slice(1);
  } finally {
    crowded = true;
  }
  const [from, to] = [Math.min(...starts), Math.max(...starts)];
  const contended = ofKind(await sampling, 'cold').filter(({ at }) => at >= from && at <= to);
  await probe.send(`/v1/functions/${crowd}`, { method: 'DELETE' });
  await until(async () => (await instancesOf(probe, crowd)).length === 0, `the instances of ${crowd} to end`);
  return { quiet, contended, crowdMs: to - from };
}

/** When its instances were begun, once all are there. */
async function startsOf(probe: Probe, crowd: string): Promise<number[]> {
  let starts: number[] = [];
  await until(async () => {
    starts = (await instancesOf(probe, crowd)).map(({ startedAt }) => Date.parse(startedAt));
    return starts.length >= INSTANCES;
  }, `${INSTANCES} instances of ${crowd}`);
  return starts;
}

async function instancesOf(probe: Probe, name: string): Promise<{ startedAt: string; state: string }[]> {
  const answer = await probe.send(`/v1/instances?function=${name}&limit=100`);
  return jsonOf<{ items: { startedAt: string; state: string }[] }>(answer).items.filter(
    ({ state }) => state !== 'gone',
  );
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited ${PATIENCE_MS / 1000} s for ${what}`);
    await pause(50);
  }
}

const TABLE_HEAD =
  '| while | samples | p50 | p95 | p99 | the 20 starts took |\n| --- | ---: | ---: | ---: | ---: | ---: |';

function rowOf(what: string, times: readonly number[], crowdMs: number | null): string {
  const cells = [0.5, 0.95, 0.99].map((q) => quantile(times, q).toFixed(1));
  return `| ${[what, times.length, ...cells, crowdMs === null ? '' : `${crowdMs.toFixed(0)} ms`].join(' | ')} |`;
}
