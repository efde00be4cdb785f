import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ManifestInput } from '../../core/function/manifest';
import { START_KINDS, type StartKind } from '../../core/start/start';
import { assetPath } from '../../drivers/asset-path';
import { countOption, type Bench, type BenchResult } from '../bench';
import { barPlot, type PlotBar } from '../harness/bar-plot';
import { deployVariant } from '../harness/deploy-variant';
import { jsonOf, openProbe, type Probe } from '../harness/http-probe';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { figure, type Figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import { measureClones } from './clone-memory';
import { ofKind, pause, sampleParallel, sampleStarts, type StartSample } from './start-samples';

const FUNCTIONS = [
  { name: 'node-small', folder: 'examples/hello-node' },
  { name: 'python', folder: 'examples/hello-python' },
  { name: 'node-heavy', folder: 'examples/heavy-node' },
] as const;

/** Milliseconds; the restore bars are those of small functions, heavy ones have their own. */
const BARS: Readonly<Record<string, { atMost: number }>> = {
  'hot.p99': { atMost: 3 },
  'warm.p50': { atMost: 2 },
  'warm.p99': { atMost: 8 },
  'restore.p50': { atMost: 18 },
  'restore.p99': { atMost: 35 },
  'node-heavy.restore.p50': { atMost: 30 },
  'node-heavy.restore.p99': { atMost: 55 },
  'node-small.cold.p50': { atMost: 90 },
};

/** How each kind is brought about: what the deployed variant says, and how long to wait between requests. */
/** Hot ones are so quick that as many as of the others would see a quarter of a second of the platform's life. */
const KINDS: Readonly<Record<StartKind, { spec: Partial<ManifestInput['spec']>; pauseMs: number; times: number }>> = {
  hot: { spec: { scale: { keepAlive: '10m' } }, pauseMs: 0, times: 5 },
  warm: { spec: { scale: { keepAlive: '10m' } }, pauseMs: 60, times: 1 },
  restore: { spec: { scale: { keepAlive: '1ms' } }, pauseMs: 120, times: 1 },
  cold: { spec: { scale: { keepAlive: '1ms' }, checkpoint: { when: 'never' } }, pauseMs: 120, times: 1 },
};

const PARALLEL = 8;
const CLONES = 10;
/** Checkpoints of each function whose standstill is looked at. */
const ROUNDS = 20;

export const startsBench: Bench = {
  name: 'starts',
  description:
    'time to first byte of hot, warm, restored and cold starts of three functions; parallel restores; memory of clones; checkpoint pauses',
  options: { samples: 'of each start kind and function; default 200, with --quick 40' },
  run: (request) => measureStarts(countOption(request, 'samples', request.quick ? 40 : 200), request.log),
};

/** Samples of each start kind to the first byte, on a platform of its own. */
async function measureStarts(samples: number, log: (text: string) => void): Promise<BenchResult> {
  log('starting a platform of its own');
  // A short linger lets a warm sample be taken each fraction of a second; what is measured is the same path. Cold is cold
  // here: starts from runtimes booted ahead have a bench of their own.
  const platform = await startPlatform({ PRESAGE__AGENT__LINGER: '20ms', PRESAGE__AGENT__BLANKS: '0' });
  const probe = openProbe(platform.url, platform.apiKey);
  try {
    // The minute's pool formula would keep instances that this bench must not find.
    await platform.pauseWarmPools();
    const figures: Figure[] = [];
    const bars: PlotBar[] = [];
    const sections: string[] = ['## Phases, medians in milliseconds', ''];
    for (const { name, folder } of FUNCTIONS) {
      for (const kind of START_KINDS) {
        const target = `bench-${name}-${kind}`;
        await deployVariant(platform, folder, target, KINDS[kind].spec);
        await probe.send(`/fn/default/${target}/`);
        await pause(500);
        const all = await sampleStarts(
          probe,
          target,
          samples * KINDS[kind].times,
          KINDS[kind].pauseMs,
          (done) => done % 50 === 0 && log(`${name} ${kind}: ${done}/${samples}`),
        );
        const meant = ofKind(all, kind);
        if (meant.length === 0)
          throw new Error(
            `No start of ${target} was ${kind}; they were ${[...new Set(all.map((sample) => sample.kind))].join(', ')}`,
          );
        const times = meant.map((sample) => sample.firstByteMs);
        for (const [suffix, q] of [
          ['p50', 0.5],
          ['p99', 0.99],
        ] as const) {
          const bar = BARS[`${name}.${kind}.${suffix}`] ?? BARS[`${kind}.${suffix}`];
          figures.push(figure(`${kind}.${name}.${suffix}`, 'ms', quantile(times, q), meant.length, bar));
        }
        figures.push(
          figure(
            `client.${kind}.${name}.p50`,
            'ms',
            quantile(
              meant.map((sample) => sample.clientMs),
              0.5,
            ),
            meant.length,
          ),
        );
        if (kind === 'restore')
          figures.push(
            figure(`restore.success.${name}`, 'ratio', meant.length / all.length, all.length, { atLeast: 0.999 }),
          );
        bars.push({ label: `${name} ${kind}`, p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
        sections.push(`- ${name} ${kind}: ${phaseLine(meant)}`);
      }
    }
    const success = figures.filter((item) => item.name.startsWith('restore.success.'));
    figures.push(
      figure(
        'restore.success',
        'ratio',
        Math.min(...success.map((item) => item.value)),
        success.reduce((sum, item) => sum + item.samples, 0),
        { atLeast: 0.999 },
      ),
    );
    figures.push(...(await parallelAndMemory(platform, probe, log)), ...(await checkpointPauses(probe, log)));
    mkdirSync(assetPath('bench/reports'), { recursive: true });
    writeFileSync(
      path.join(assetPath('bench/reports'), 'starts.svg'),
      barPlot('Start to first byte, ms: p50 / p99', bars),
    );
    return { figures, sections: [...sections, '', '![starts](starts.svg)'] };
  } finally {
    probe.close();
    await platform.stop();
  }
}

async function parallelAndMemory(
  platform: PrivatePlatform,
  probe: Probe,
  log: (text: string) => void,
): Promise<Figure[]> {
  log(`${PARALLEL} restores at once`);
  const parallel = ofKind(await sampleParallel(probe, 'bench-node-small-restore', PARALLEL, 30, 400), 'restore');
  log(`memory of ${CLONES} live clones`);
  // One more than the clones: the template of the deploy stays among them.
  await deployVariant(platform, 'examples/heavy-node', 'bench-clones', {
    scale: { keepAlive: '10m', min: CLONES + 1, max: CLONES + 2 },
  });
  await pause(500);
  const clones = await measureClones(platform, probe, 'bench-clones', CLONES);
  const first = clones[0]?.resident ?? Number.NaN;
  const tenth = clones.at(-1)?.own ?? Number.NaN;
  return [
    figure(
      'restore.parallel8.p50',
      'ms',
      quantile(
        parallel.map((sample) => sample.firstByteMs),
        0.5,
      ),
      parallel.length,
    ),
    figure(
      'restore.parallel8.p99',
      'ms',
      quantile(
        parallel.map((sample) => sample.firstByteMs),
        0.99,
      ),
      parallel.length,
      { atMost: 90 },
    ),
    figure('clone.first.resident', 'MiB', first / 2 ** 20, 1),
    figure('clone.tenth.own', 'MiB', tenth / 2 ** 20, 1),
    figure('clone.tenth.share', 'ratio', tenth / first, CLONES, { atMost: 0.2 }),
  ];
}

/** Standstill of a template while it is checkpointed, over renewed checkpoints. */
async function checkpointPauses(probe: Probe, log: (text: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, limit] of [
    ['node-small', 40],
    ['node-heavy', 80],
  ] as const) {
    log(`checkpoint pauses of ${name}`);
    const target = `bench-${name}-restore`;
    const seen = new Map<string, number>();
    for (let attempt = 0; seen.size < ROUNDS && attempt < ROUNDS * 50; attempt++) {
      // A run that is still clearing up is joined, not repeated: so it is asked again until enough have been seen.
      jsonOf(await probe.send(`/v1/functions/${target}/checkpoints`, { method: 'POST', body: '{}' }));
      await pause(100);
      const { items } = jsonOf<{ items: { id: string; state: string; pauseMs: number | null }[] }>(
        await probe.send(`/v1/checkpoints?function=${target}&limit=100`),
      );
      for (const item of items) if (item.state === 'ready' && item.pauseMs !== null) seen.set(item.id, item.pauseMs);
    }
    const pauses = [...seen.values()];
    figures.push(figure(`checkpoint.pause.${name}.p50`, 'ms', quantile(pauses, 0.5), pauses.length, { atMost: limit }));
    figures.push(figure(`checkpoint.pause.${name}.max`, 'ms', Math.max(...pauses), pauses.length));
  }
  return figures;
}

function phaseLine(samples: readonly StartSample[]): string {
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample.phases)))];
  return names
    .map(
      (name) =>
        `${name} ${quantile(
          samples.map((sample) => sample.phases[name] ?? 0),
          0.5,
        ).toFixed(2)}`,
    )
    .join(', ');
}
