import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { CONNECTIONS, deployHot, gatewayTarget, HOT_LINGER, type HotTarget } from '../harness/hot-gateway';
import type { LoadResult } from '../harness/load-process';
import { startPlatform, type PrivatePlatform } from '../harness/platform';
import { figure } from '../harness/report';
import { runLoad } from '../harness/run-load';
import { quantile } from '../harness/statistics';

export const recordingBench: Bench = {
  name: 'recording',
  description: 'what it costs in throughput that each call leaves a record: with against without, interleaved',
  options: { rounds: 'of each load; default 12, with --quick 4' },
  run: measureRecording,
};

const WAYS = ['all', 'none'] as const;
/** A pace that the machine keeps up with, records or not: what they cost of a core shows then. */
const PACED_CONNECTIONS = 1;
type Way = (typeof WAYS)[number];
type Loads = Record<Way, LoadResult[]>;

async function measureRecording(request: BenchRequest): Promise<BenchResult> {
  const rounds = countOption(request, 'rounds', request.quick ? 4 : 12);
  const measureMs = request.quick ? 1_500 : 4_000;
  request.log('starting a platform that records, and one that does not');
  const platforms: PrivatePlatform[] = [];
  try {
    const targets = {} as Record<Way, HotTarget>;
    for (const way of WAYS) {
      const platform = await startPlatform({ PRESAGE__AGENT__LINGER: HOT_LINGER, PRESAGE__GATEWAY__RECORDS: way });
      platforms.push(platform);
      await deployHot(platform);
      targets[way] = gatewayTarget(way, platform);
      // V8 optimises over many thousand requests: both have run hot before the first round counts.
      await loadOf(targets[way], CONNECTIONS, request.quick ? 5_000 : 15_000);
    }
    const many: Loads = { all: [], none: [] };
    const single: Loads = { all: [], none: [] };
    for (let round = 0; round < rounds; round++) {
      request.log(`round ${round + 1} of ${rounds}`);
      for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
        many[way].push(await loadOf(targets[way], CONNECTIONS, measureMs));
        single[way].push(await loadOf(targets[way], PACED_CONNECTIONS, measureMs));
      }
    }
    return resultOf(many, single);
  } finally {
    for (const platform of platforms) await platform.stop();
  }
}

function loadOf(target: HotTarget, connections: number, measureMs: number): Promise<LoadResult> {
  return runLoad({ ...target, target: target.to, connections, warmUpMs: 500, measureMs });
}

function resultOf(many: Loads, single: Loads): BenchResult {
  const rates = (loads: Loads, way: Way): number[] => loads[way].map(({ requests, seconds }) => requests / seconds);
  const costs = (loads: Loads): number[] =>
    rates(loads, 'all').map((rate, round) => 1 - rate / (rates(loads, 'none')[round] as number));
  const row = (name: string, values: readonly number[], digits: number): string =>
    `| ${[name, ...[0.5, 0, 1].map((q) => quantile(values, q).toFixed(digits))].join(' | ')} |`;
  return {
    figures: [
      figure('recording.throughput.cost', 'share', quantile(costs(many), 0.5), many.all.length, { atMost: 0.01 }),
      figure('recording.one-connection.cost', 'share', quantile(costs(single), 0.5), single.all.length),
    ],
    sections: [
      `## Requests a second, ${many.all.length} rounds of each in turns`,
      '',
      'Everything runs on the cores of this machine: the load, the gateway, the function, and PostgreSQL, which writes the records.',
      '',
      '| | median | least | most |',
      '| --- | ---: | ---: | ---: |',
      ...WAYS.map((way) => row(`${CONNECTIONS} connections, records: ${way}`, rates(many, way), 0)),
      ...WAYS.map((way) => row(`1 connection, records: ${way}`, rates(single, way), 0)),
      row(`cost with ${CONNECTIONS} connections, share`, costs(many), 4),
      row('cost with 1 connection, share', costs(single), 4),
    ],
  };
}
