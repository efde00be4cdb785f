import { createHash } from 'node:crypto';
import { assetPath } from '../../drivers/asset-path';
import type { PolicyVerdict } from '../../core/court/verdict';
import { verdictJson } from '../../core/court/verdict-json';
import { verdictTable } from '../../core/court/verdict-table';
import { countOption, type Bench, type BenchRequest, type BenchResult } from '../bench';
import { figure, type Figure } from '../harness/report';
import { courtDay } from './court-day';
import { judgeInThreads } from './judge-in-threads';

const BESIDE = '../shared/traces';
const POLICIES = ['presage', 'hybrid-histogram', 'fixed:10m'];
const ROUNDS = 2;
const THREADS = 2;
const MOST_SECONDS = 60;

export const courtBench: Bench = {
  name: 'court',
  description:
    'one day of 1,000 functions and a million calls, replayed under three policies, twice: seconds and equal bytes',
  options: {
    functions: 'functions of the day; default 1000, 100 with --quick',
    calls: 'calls of the day, about; default 1000000, 50000 with --quick',
    memory: 'GiB of each of the four nodes; default 32',
  },
  run: replayDay,
};

async function replayDay(request: BenchRequest): Promise<BenchResult> {
  const { quick, log } = request;
  const court = courtDay({
    folder: request.data ?? assetPath(BESIDE),
    functions: countOption(request, 'functions', quick ? 100 : 1_000),
    calls: countOption(request, 'calls', quick ? 50_000 : 1_000_000),
    nodeGib: countOption(request, 'memory', 32),
    seed: 1,
  });
  const calls = court.calls.at.length;
  const digests: string[] = [];
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let verdicts: PolicyVerdict[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const before = process.cpuUsage();
    verdicts = await judgeInThreads(court, POLICIES, THREADS);
    digests.push(createHash('sha256').update(verdictJson(verdicts)).digest('hex'));
    seconds.push((performance.now() - begun) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpuSeconds.push((user + system) / 1e6);
    log(
      `round ${round + 1}: ${seconds.at(-1)?.toFixed(1)} s, ${cpuSeconds.at(-1)?.toFixed(1)} s of CPU, sha256 ${digests.at(-1)}`,
    );
  }
  const table = verdictTable(verdicts);
  for (const line of table) log(line);
  const figures: Figure[] = [
    figure('court.calls', 'calls', calls, 1),
    figure('court.seconds', 's', Math.max(...seconds), ROUNDS, { atMost: MOST_SECONDS }),
    figure('court.cpu-seconds', 's', Math.max(...cpuSeconds), ROUNDS),
    figure('court.distinct-outputs', 'outputs', new Set(digests).size, ROUNDS, { atMost: 1 }),
  ];
  return {
    figures,
    sections: [
      `${court.functions.length} functions, ${calls} calls of one day; ${POLICIES.length} policies in ${THREADS} threads, the slower of ${ROUNDS} rounds counts. sha256 of the verdicts: \`${digests[0]}\`.`,
      '',
      '```text',
      ...table,
      '```',
    ],
  };
}
