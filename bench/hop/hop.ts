import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Bench, BenchRequest, BenchResult } from '../bench';
import {
  CONNECTIONS,
  deployHot,
  gatewayTarget,
  HOT_FUNCTION,
  HOT_LINGER,
  runDirOf,
  type HotTarget,
} from '../harness/hot-gateway';
import { jsonOf, openProbe } from '../harness/http-probe';
import { freePort, startPlatform, type PrivatePlatform } from '../harness/platform';
import { takeCpuProfile, whereTimeGoes } from './cpu-profile';
import { hopFigures, hopTable, type Round } from './hop-figures';
import type { LoadResult } from '../harness/load-process';
import { startPeers } from './peers';
import { startTraceSink } from './trace-sink';
import { runLoad } from '../harness/run-load';

export const hopBench: Bench = {
  name: 'hop',
  description:
    'what the gateway adds to a call: latency, requests/s and CPU beside the instance itself, functions-framework, workerd, haproxy and a bare proxy',
  options: { rounds: 'of each load, interleaved; default 5, with --quick 3' },
  run: measureHop,
};

const OWNERS_SHOWN = 25;

async function measureHop(request: BenchRequest): Promise<BenchResult> {
  const { log, quick } = request;
  const rounds = Number(request.values['rounds'] ?? (quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 3) throw new RangeError('--rounds must be a whole number from 3 on');
  const [warmUpMs, measureMs] = quick ? [500, 1_500] : [1_500, 5_000];
  const inspectPort = await freePort();
  log('starting a platform with one gateway process, one with two, and one that traces every call');
  const one = await startPlatform({
    PRESAGE__AGENT__LINGER: HOT_LINGER,
    NODE_OPTIONS: [process.env['NODE_OPTIONS'], `--inspect-port=${inspectPort}`].filter(Boolean).join(' '),
  });
  const two = await startPlatform({ PRESAGE__AGENT__LINGER: HOT_LINGER, PRESAGE__GATEWAY__PROCESSES: '2' }).catch(
    async (error: unknown) => {
      await one.stop();
      throw error;
    },
  );
  const cleanUps = [() => one.stop(), () => two.stop()];
  try {
    const collector = await startTraceSink();
    cleanUps.unshift(() => collector.stop());
    const traced = await startPlatform({
      PRESAGE__AGENT__LINGER: HOT_LINGER,
      PRESAGE__TRACING__ENDPOINT: `http://127.0.0.1:${collector.port}`,
    });
    cleanUps.unshift(() => traced.stop());
    for (const platform of [one, two, traced]) await deployHot(platform);
    const socket = await instanceSocket(one);
    const peers = await startPeers(socket, log);
    cleanUps.unshift(() => peers.stop());
    const targets: HotTarget[] = [
      { name: 'direct', to: { path: socket }, path: '/', headers: {}, pids: [] },
      gatewayTarget('gateway', one),
      ...peers.running.map(({ name, port, pid }) => ({ name, to: { port }, path: '/', headers: {}, pids: [pid] })),
      gatewayTarget('two-gateways', two),
      gatewayTarget('traced', traced),
    ];
    const load = (target: HotTarget, connections: number): Promise<LoadResult> =>
      runLoad({ ...target, target: target.to, connections, warmUpMs, measureMs });
    const measured: Round[] = [];
    // V8 optimises over many thousand requests: everything has run hot before the first round counts.
    for (const target of targets) {
      const options = { ...target, target: target.to, connections: CONNECTIONS };
      await runLoad({ ...options, warmUpMs: 0, measureMs: quick ? 5_000 : 15_000 });
    }
    for (let round = 1; round <= rounds; round++) {
      log(`round ${round} of ${rounds}`);
      const results: Round = new Map();
      for (const target of targets) {
        results.set(target.name, { single: await load(target, 1), many: await load(target, CONNECTIONS) });
      }
      measured.push(results);
    }
    log('profiling the gateway');
    const gateway = gatewayTarget('gateway', one);
    const [profile] = await Promise.all([
      takeCpuProfile(gateway.pids[0] ?? 0, inspectPort, measureMs),
      load(gateway, CONNECTIONS),
    ]);
    const owners = whereTimeGoes(profile).slice(0, OWNERS_SHOWN);
    return {
      figures: hopFigures(measured),
      sections: [
        `\`traced\` is a gateway that keeps the trace of every call; ${collector.received()} batches of spans came to its collector.\n`,
        ...peers.missing.map((line) => `**Not compared with ${line}**\n`),
        ...hopTable(measured),
        '',
        `## Where the gateway's time goes, ${CONNECTIONS} connections`,
        '',
        'Wall time of its busy samples by the file of ours or the package that it was spent for; a system call counts for who',
        'made it, and on a busy machine so does the time that the process was not let run.',
        '',
        '| owner | share |',
        '| --- | ---: |',
        ...owners.map(({ owner, share }) => `| ${owner} | ${(share * 100).toFixed(1)} % |`),
      ],
    };
  } finally {
    for (const cleanUp of cleanUps) await cleanUp();
  }
}

/** Where the instance listens that the gateway uses. */
async function instanceSocket(platform: PrivatePlatform): Promise<string> {
  const probe = openProbe(platform.url, platform.apiKey);
  try {
    const id = String((await probe.send(`/fn/default/${HOT_FUNCTION}/`)).headers['x-request-id']);
    for (let tries = 0; tries < 50; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const answer = await probe.send(`/v1/invocations/${id}`);
      if (answer.status !== 200) continue;
      const { instance } = jsonOf<{ instance: string }>(answer);
      const runDir = runDirOf(platform);
      const file = readdirSync(runDir, { recursive: true, encoding: 'utf8' }).find(
        (name) => name.includes(instance) && name.endsWith('.sock'),
      );
      if (file === undefined) throw new Error(`instance ${instance} has no socket under ${runDir}`);
      return path.join(runDir, file);
    }
    throw new Error(`there is no record of invocation ${id}`);
  } finally {
    probe.close();
  }
}
