import { createAgentClient, type AgentClient } from '../../agent/rpc/agent-client';
import { agentAddress } from '../../workers/config';
import { countOption, type Bench, type BenchResult } from '../bench';
import { deployVariant } from '../harness/deploy-variant';
import { openProbe, type Probe } from '../harness/http-probe';
import { startPlatform } from '../harness/platform';
import { figure, type Figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import { ofKind, pause, sampleStarts, type StartSample } from '../starts/start-samples';

const FUNCTIONS = [
  { name: 'node-small', folder: 'examples/hello-node' },
  { name: 'python', folder: 'examples/hello-python' },
] as const;

/** The same function twice: the second has a name in its environment that counts at boot, so no blank can become it. */
const VARIANTS = { blank: {}, ordinary: { TZ: 'UTC' } } as const;
type Variant = keyof typeof VARIANTS;

/** Of two runtimes and two networks. */
const BLANKS = 4;
/** An instance of the sample before has ended by then. */
const PAUSE_MS = 300;
const MIB = 2 ** 20;

export const blanksBench: Bench = {
  name: 'blanks',
  description:
    'cold starts of two small functions with and without a runtime booted ahead, in turns; what that one costs',
  options: { samples: 'of each function and way; default 100, with --quick 20' },
  run: (request) => measureBlanks(countOption(request, 'samples', request.quick ? 20 : 100), request.log),
};

async function measureBlanks(samples: number, log: (text: string) => void): Promise<BenchResult> {
  log('starting a platform of its own');
  const platform = await startPlatform({ PRESAGE__AGENT__LINGER: '20ms', PRESAGE__AGENT__BLANKS: '1' });
  const probe = openProbe(platform.url, platform.apiKey);
  const agent = createAgentClient(agentAddress(platform.config, { name: 'local' }));
  try {
    // The minute's pool formula would keep instances that this bench must not find.
    await platform.pauseWarmPools();
    const figures: Figure[] = [];
    for (const { name, folder } of FUNCTIONS) {
      for (const variant of ['blank', 'ordinary'] as const) {
        const spec = { env: VARIANTS[variant], scale: { keepAlive: '1ms' }, checkpoint: { when: 'never' } } as const;
        await deployVariant(platform, folder, targetOf(name, variant), spec);
        await probe.send(`/fn/default/${targetOf(name, variant)}/`);
      }
      const before = await blankStarts(probe);
      const taken = await inTurns(probe, agent, name, samples, log);
      const used = (await blankStarts(probe)) - before;
      figures.push(...figuresOf(name, taken), figure(`blank.${name}.used`, 'starts', used, taken.blank.length));
    }
    await untilReady(agent);
    const { memoryCommittedBytes } = await agent.stats();
    figures.push(figure('blank.memory', 'MiB for all four', memoryCommittedBytes / MIB, BLANKS));
    return { figures, sections: [] };
  } finally {
    agent.close();
    probe.close();
    await platform.stop();
  }
}

/** One sample of each way after the other, whose turn it is to be first changing. */
async function inTurns(
  probe: Probe,
  agent: AgentClient,
  name: string,
  samples: number,
  log: (text: string) => void,
): Promise<Record<Variant, StartSample[]>> {
  const taken: Record<Variant, StartSample[]> = { blank: [], ordinary: [] };
  for (let round = 0; round < samples; round++) {
    const order: Variant[] = round % 2 === 0 ? ['blank', 'ordinary'] : ['ordinary', 'blank'];
    for (const variant of order) {
      await untilReady(agent);
      const found = await sampleStarts(probe, targetOf(name, variant), 1, PAUSE_MS, () => undefined);
      taken[variant].push(...ofKind(found, 'cold'));
    }
    if ((round + 1) % 20 === 0) log(`${name}: ${round + 1}/${samples}`);
  }
  return taken;
}

function figuresOf(name: string, taken: Record<Variant, StartSample[]>): Figure[] {
  const of = (variant: Variant, q: number): number =>
    quantile(
      taken[variant].map((sample) => sample.firstByteMs),
      q,
    );
  const quantiles = [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const;
  return quantiles.flatMap(([suffix, q]) => [
    figure(`ordinary.${name}.${suffix}`, 'ms', of('ordinary', q), taken.ordinary.length),
    figure(`blank.${name}.${suffix}`, 'ms', of('blank', q), taken.blank.length),
    figure(
      `ratio.${name}.${suffix}`,
      'blank / ordinary',
      of('blank', q) / of('ordinary', q),
      taken.blank.length,
      suffix === 'p50' ? { atMost: 0.75 } : undefined,
    ),
  ]);
}

/** Waits until one of each runtime is ready and no instance is left of the sample before. */
async function untilReady(agent: AgentClient): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const { blanks, instances } = await agent.stats();
    if (blanks === BLANKS && instances.length === 0) return;
    await pause(50);
  }
  throw new Error('The node did not make its blanks within 30 s');
}

async function blankStarts(probe: Probe): Promise<number> {
  const { body } = await probe.send('/metrics');
  return Number(/^presage_blank_starts_total (\d+)$/m.exec(body)?.[1] ?? Number.NaN);
}

function targetOf(name: string, variant: Variant): string {
  return `bench-${name}-${variant}`;
}
